package dev.tidegate.store;

class InMemoryPackStoreLikeFilesTest extends PackStoreContract {

    private final InMemoryPackStore store = InMemoryPackStore.likeFiles();

    @Override
    protected PackStore store() {
        return store;
    }

    @Override
    protected byte[] bytes(PackId pack) {
        return store.bytes(pack);
    }

    @Override
    protected void replace(PackId pack, byte[] bytes) {
        store.replace(pack, bytes);
    }
}

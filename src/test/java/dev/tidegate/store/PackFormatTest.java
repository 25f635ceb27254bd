package dev.tidegate.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tidegate.content.ChunkKind;
import dev.tidegate.content.Codec;
import dev.tidegate.content.Digest;
import dev.tidegate.content.StoredChunk;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HexFormat;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class PackFormatTest {

    private static final OrganisationId ORGANISATION =
            new OrganisationId(UUID.fromString("0198c0de-0000-7000-8000-00000000cafe"));
    private static final PackId PACK = new PackId(UUID.fromString("019cb6ef-0d00-7abc-8def-0123456789ab"));

    /** The example of docs/formats/pack.md: never changes. */
    private static final String EXAMPLE = """
            54 47 50 41 43 4b 0d 0a 00 01 00 00 01 98 c0 de
            00 00 70 00 80 00 00 00 00 00 ca fe 01 9c b6 ef
            0d 00 7a bc 8d ef 01 23 45 67 89 ab 00 00 01 9c
            b7 3d 32 71 41 20 d1 fd 54 47 52 43 01 00 00 00
            00 00 00 09 00 00 00 09 c8 01 95 8b 56 cb 70 b2
            5e fe 01 5f 34 c2 cf 82 1f cf 63 b0 eb cb b8 fb
            2b 2b 4c 92 76 8c 3d 6c f3 74 73 50 74 69 64 65
            67 61 74 65 0a 54 47 54 52 00 00 00 01 00 00 00
            00 00 00 00 75 ff c4 f5 00 71 cf 48 af
            """.replaceAll("\\s", "");

    @Test
    void theExampleOfTheSpecificationIsWrittenAndRead() {
        // Given
        PackHeader header = new PackHeader(ORGANISATION, PACK, Instant.parse("2026-03-04T05:06:07.089Z"));
        byte[] plaintext = "tidegate\n".getBytes(StandardCharsets.US_ASCII);
        StoredChunk chunk = new StoredChunk(
                Digest.of(plaintext, 0, plaintext.length),
                ChunkKind.DATA,
                Codec.NONE,
                plaintext.length,
                ByteBuffer.wrap(plaintext));

        // When
        ByteBuffer pack = ByteBuffer.allocate(141);
        RecordChecksums checksums = new RecordChecksums();
        PackFormat.putHeader(pack, header);
        checksums.add(PackFormat.putRecordHeader(pack, PACK, 56, chunk));
        pack.put(plaintext);
        PackFormat.putTrailer(pack, PACK, checksums.trailer(117));
        pack.flip();

        // Then
        assertThat(HexFormat.of().formatHex(pack.array())).isEqualTo(EXAMPLE);
        assertThat(PackFormat.header(PACK, pack)).isEqualTo(header);
        assertThat(PackFormat.record(PACK, 56, pack.slice(56, 61))).isEqualTo(chunk);
        assertThat(PackFormat.trailer(PACK, 117, pack.slice(117, 24))).contains(checksums.trailer(117));
    }

    @Test
    void aLaterVersionIsRefused() {
        // Given
        ByteBuffer header = ByteBuffer.allocate(PackFormat.HEADER_LENGTH);
        PackFormat.putHeader(header, new PackHeader(ORGANISATION, PACK, Instant.EPOCH));
        header.flip().putShort(8, (short) 2).putInt(52, checksum(0, header.slice(0, 52)));

        // When, Then
        assertThatExceptionOfType(StoreException.CorruptRecord.class)
                .isThrownBy(() -> PackFormat.header(PACK, header))
                .satisfies(failure -> assertThat(failure.what()).isEqualTo("format version 2 is not known"));
    }

    @Test
    void aPackUnderAnotherNameIsRefused() {
        // Given
        ByteBuffer header = ByteBuffer.allocate(PackFormat.HEADER_LENGTH);
        PackFormat.putHeader(header, new PackHeader(ORGANISATION, PACK, Instant.EPOCH));

        // When, Then
        assertThatExceptionOfType(StoreException.CorruptRecord.class)
                .isThrownBy(() -> PackFormat.header(new PackId(ORGANISATION.value()), header.flip()))
                .satisfies(failure -> assertThat(failure.what()).isEqualTo("this is pack " + PACK));
    }

    @Test
    void fieldsThatContradictEachOtherAreRefusedEvenUnderAValidChecksum() {
        // Given
        byte[] example = HexFormat.of().parseHex(EXAMPLE);

        for (int[] change :
                new int[][] {{4, 0}, {4, 4}, {5, 5}, {5, 255}, {6, 1}, {7, 128}, {11, 0}, {11, 10}, {8, 1}}) {
            // When
            ByteBuffer record = ByteBuffer.wrap(example.clone(), 56, 61).slice();
            record.put(change[0], (byte) change[1]);
            ByteBuffer covered =
                    ByteBuffer.allocate(57).put(record.slice(0, 48)).put(record.slice(52, 9));
            record.putInt(48, checksum(56, covered.flip()));

            // Then
            assertThatExceptionOfType(StoreException.CorruptRecord.class)
                    .as("byte %s is %s", change[0], change[1])
                    .isThrownBy(() -> PackFormat.record(PACK, 56, record))
                    .satisfies(failure -> assertThat(failure.what()).doesNotContain("checksum"));
        }
    }

    /** As the specification says it, independently of the code under test. */
    private static int checksum(long offset, ByteBuffer bytes) {
        CRC32C checksum = new CRC32C();
        checksum.update(HexFormat.of().parseHex(PACK.toString().replace("-", "")));
        checksum.update(ByteBuffer.allocate(8).putLong(0, offset));
        checksum.update(bytes);
        return (int) checksum.getValue();
    }
}

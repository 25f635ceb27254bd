package dev.tidegate.materialise;

import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/**
 * Permission bits of what is pulled. Set-id bits and the sticky bit are dropped: whoever wrote a snapshot does not decide
 * under whose rights a program runs on another machine. A directory can be listed and entered by its owner, whatever a
 * snapshot says: nobody but root could bring it up to date otherwise.
 */
public final class FileModes {

    /** Read, write and execute for owner, group and others. */
    public static final int KEPT = 0777;

    /** What the owner needs to write into a directory. */
    public static final int OWNER = 0700;

    private static final int LOOKED_INTO = 0500;

    /** In the order of the bits, the lowest first. */
    private static final PosixFilePermission[] BITS = {
        PosixFilePermission.OTHERS_EXECUTE,
        PosixFilePermission.OTHERS_WRITE,
        PosixFilePermission.OTHERS_READ,
        PosixFilePermission.GROUP_EXECUTE,
        PosixFilePermission.GROUP_WRITE,
        PosixFilePermission.GROUP_READ,
        PosixFilePermission.OWNER_EXECUTE,
        PosixFilePermission.OWNER_WRITE,
        PosixFilePermission.OWNER_READ
    };

    private FileModes() {}

    /** The permissions of a directory that has these in a snapshot. */
    public static int ofDirectory(int mode) {
        return (mode & KEPT) | LOOKED_INTO;
    }

    /** To create a file with; the process' mask takes bits away. */
    static FileAttribute<Set<PosixFilePermission>> attribute(int mode) {
        return PosixFilePermissions.asFileAttribute(permissions(mode));
    }

    /** As Java has them. */
    static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        for (int bit = 0; bit < BITS.length; bit++) {
            if ((mode >> bit & 1) != 0) {
                permissions.add(BITS[bit]);
            }
        }
        return permissions;
    }
}

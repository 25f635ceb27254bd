/*
 * CRC-32C by the processor's instruction, for the native executable: dev.tidegate.nativeimage.Crc32c.
 *
 * Takes and gives the register as java.util.zip.CRC32C keeps it: all ones at first, inverted at the end, both by the caller.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#include <nmmintrin.h>
#define CRC32C_8_BYTES(crc, bytes) ((uint32_t) _mm_crc32_u64(crc, bytes))
#define CRC32C_BYTE(crc, byte) _mm_crc32_u8(crc, byte)
#elif defined(__aarch64__)
#include <arm_acle.h>
#define CRC32C_8_BYTES(crc, bytes) __crc32cd(crc, bytes)
#define CRC32C_BYTE(crc, byte) __crc32cb(crc, byte)
#else
#error "no instruction for CRC-32C is known on this platform"
#endif

uint32_t tidegate_crc32c(uint32_t crc, const uint8_t *bytes, size_t length) {
    for (; length >= 8; bytes += 8, length -= 8) {
        /* Little-endian, as all platforms are; a load from any address. */
        uint64_t eight;
        memcpy(&eight, bytes, sizeof eight);
        crc = CRC32C_8_BYTES(crc, eight);
    }
    for (; length > 0; bytes++, length--) {
        crc = CRC32C_BYTE(crc, *bytes);
    }
    return crc;
}

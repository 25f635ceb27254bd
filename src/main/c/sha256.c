/*
 * SHA-256 (FIPS 180-4) of several inputs at a time by the processor's instructions, for the native executable:
 * dev.tidegate.nativeimage.Sha256Lanes.
 *
 * Each instruction waits for the result of the one before, for as long as the processor could do two or three others. So as
 * many inputs as there are lanes go side by side, block by block, and a lane that is through with one takes the next.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define LANES 4
#define BLOCK 64
#define LENGTH_BYTES 8
#define ROUNDS_AT_ONCE 4
#define STEPS (64 / ROUNDS_AT_ONCE)

#if defined(__clang__)
#define UNROLL _Pragma("unroll")
#else
#define UNROLL _Pragma("GCC unroll 16")
#endif

static const uint32_t INITIAL[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

static const uint32_t K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

/* Of each platform: four words of a message, the hash between two blocks, and what the instructions do with them. */
#if defined(__x86_64__)
#pragma GCC target("sha,ssse3,sse4.1")
#include <immintrin.h>

typedef __m128i words;

/* The words of the hash in the order in which the instructions want them, the first highest. */
typedef struct {
    words abef;
    words cdgh;
} hash;

static inline words load(const uint8_t *bytes) {
    const words big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    return _mm_shuffle_epi8(_mm_loadu_si128((const words *) bytes), big_endian);
}

static inline words constants(int step) {
    return _mm_loadu_si128((const words *) (K + ROUNDS_AT_ONCE * step));
}

static inline void rounds(hash *hash, words message, words constants) {
    words sum = _mm_add_epi32(message, constants);
    hash->cdgh = _mm_sha256rnds2_epu32(hash->cdgh, hash->abef, sum);
    hash->abef = _mm_sha256rnds2_epu32(hash->abef, hash->cdgh, _mm_shuffle_epi32(sum, 0x0e));
}

static inline words schedule(words w0, words w4, words w8, words w12) {
    words sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w4), _mm_alignr_epi8(w12, w8, 4));
    return _mm_sha256msg2_epu32(sum, w12);
}

static inline hash add(hash a, hash b) {
    return (hash) {_mm_add_epi32(a.abef, b.abef), _mm_add_epi32(a.cdgh, b.cdgh)};
}

static hash initial(void) {
    const uint32_t *h = INITIAL;
    return (hash) {
        _mm_set_epi32((int) h[0], (int) h[1], (int) h[4], (int) h[5]),
        _mm_set_epi32((int) h[2], (int) h[3], (int) h[6], (int) h[7]),
    };
}

static void get(hash hash, uint32_t h[8]) {
    uint32_t abef[4];
    uint32_t cdgh[4];
    memcpy(abef, &hash.abef, sizeof abef);
    memcpy(cdgh, &hash.cdgh, sizeof cdgh);
    for (int i = 0; i < 2; i++) {
        h[i] = abef[3 - i];
        h[2 + i] = cdgh[3 - i];
        h[4 + i] = abef[1 - i];
        h[6 + i] = cdgh[1 - i];
    }
}
#elif defined(__aarch64__)
#include <arm_neon.h>

typedef uint32x4_t words;

typedef struct {
    words abcd;
    words efgh;
} hash;

static inline words load(const uint8_t *bytes) {
    return vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(bytes)));
}

static inline words constants(int step) {
    return vld1q_u32(K + ROUNDS_AT_ONCE * step);
}

static inline void rounds(hash *hash, words message, words constants) {
    words sum = vaddq_u32(message, constants);
    words abcd = hash->abcd;
    hash->abcd = vsha256hq_u32(abcd, hash->efgh, sum);
    hash->efgh = vsha256h2q_u32(hash->efgh, abcd, sum);
}

static inline words schedule(words w0, words w4, words w8, words w12) {
    return vsha256su1q_u32(vsha256su0q_u32(w0, w4), w8, w12);
}

static inline hash add(hash a, hash b) {
    return (hash) {vaddq_u32(a.abcd, b.abcd), vaddq_u32(a.efgh, b.efgh)};
}

static hash initial(void) {
    return (hash) {vld1q_u32(INITIAL), vld1q_u32(INITIAL + 4)};
}

static void get(hash hash, uint32_t h[8]) {
    vst1q_u32(h, hash.abcd);
    vst1q_u32(h + 4, hash.efgh);
}
#else
#error "no instructions for SHA-256 are known on this platform"
#endif

/* A part of an input, as Java lays it out: three longs. */
typedef struct {
    int64_t address;
    int64_t length;
    int64_t is_last;
} piece;

/* An input that is being hashed. */
typedef struct {
    hash hash;
    /* What goes next, in whole blocks: in a piece, or in what lies between two. */
    const uint8_t *blocks;
    size_t count;
    uint8_t between[2 * BLOCK];
    /* Where the input goes on. */
    const piece *piece;
    size_t offset;
    uint64_t length;
    int is_padded;
    uint8_t *digest;
} lane;

static void put_big_endian(uint8_t *to, uint64_t value, int bytes) {
    for (int i = 0; i < bytes; i++) {
        to[i] = (uint8_t) (value >> 8 * (bytes - 1 - i));
    }
}

/* Finds the next blocks of a lane that has none; returns whether there are any. */
static int find_blocks(lane *lane) {
    if (lane->is_padded) {
        return 0;
    }
    size_t held = 0;
    for (;;) {
        const uint8_t *bytes = (const uint8_t *) (intptr_t) lane->piece->address + lane->offset;
        size_t left = (size_t) lane->piece->length - lane->offset;
        if (held == 0 && left >= BLOCK) {
            lane->blocks = bytes;
            lane->count = left / BLOCK;
            lane->offset += lane->count * BLOCK;
            lane->length += lane->count * BLOCK;
            return 1;
        }
        size_t taken = left < BLOCK - held ? left : BLOCK - held;
        if (taken > 0) {
            memcpy(lane->between + held, bytes, taken);
        }
        held += taken;
        lane->offset += taken;
        lane->length += taken;
        lane->blocks = lane->between;
        if (held == BLOCK) {
            lane->count = 1;
            return 1;
        }
        if (lane->piece->is_last) {
            break;
        }
        lane->piece++;
        lane->offset = 0;
    }
    lane->count = held + 1 + LENGTH_BYTES <= BLOCK ? 1 : 2;
    size_t end = lane->count * BLOCK - LENGTH_BYTES;
    lane->between[held] = 0x80;
    memset(lane->between + held + 1, 0, end - held - 1);
    put_big_endian(lane->between + end, lane->length * 8, LENGTH_BYTES);
    lane->is_padded = 1;
    return 1;
}

/* Takes in so many blocks of each of the first lanes; with a constant number of them, all stay in registers. */
static inline __attribute__((always_inline)) void take_in(lane **lanes, int number, size_t count) {
    hash hashes[LANES];
    const uint8_t *bytes[LANES];
    for (int i = 0; i < number; i++) {
        hashes[i] = lanes[i]->hash;
        bytes[i] = lanes[i]->blocks;
    }
    for (size_t block = 0; block < count; block++) {
        hash before[LANES];
        words w[LANES][4];
        for (int i = 0; i < number; i++) {
            before[i] = hashes[i];
            for (int j = 0; j < 4; j++) {
                w[i][j] = load(bytes[i] + 16 * j);
            }
            bytes[i] += BLOCK;
        }
        UNROLL
        for (int step = 0; step < STEPS; step++) {
            for (int i = 0; i < number; i++) {
                words *now = w[i];
                rounds(&hashes[i], now[step % 4], constants(step));
                if (step < STEPS - 4) {
                    now[step % 4] =
                        schedule(now[step % 4], now[(step + 1) % 4], now[(step + 2) % 4], now[(step + 3) % 4]);
                }
            }
        }
        for (int i = 0; i < number; i++) {
            hashes[i] = add(hashes[i], before[i]);
        }
    }
    for (int i = 0; i < number; i++) {
        lanes[i]->hash = hashes[i];
        lanes[i]->blocks = bytes[i];
        lanes[i]->count -= count;
    }
}

static void put_digest(const lane *lane) {
    uint32_t h[8];
    get(lane->hash, h);
    for (int i = 0; i < 8; i++) {
        put_big_endian(lane->digest + 4 * i, h[i], 4);
    }
}

/*
 * Writes the digests of so many inputs, 32 bytes each, in their order. Each has one piece or more, one behind the other;
 * only a piece without a length may have any address.
 */
void tidegate_sha256(const piece *pieces, size_t inputs, uint8_t *digests) {
    lane lanes[LANES];
    lane *idle[LANES];
    lane *busy[LANES];
    int number = 0;
    for (int i = 0; i < LANES; i++) {
        idle[i] = &lanes[i];
    }
    for (;;) {
        while (number < LANES && inputs > 0) {
            lane *next = idle[LANES - 1 - number];
            *next = (lane) {.hash = initial(), .piece = pieces, .digest = digests};
            find_blocks(next);
            busy[number++] = next;
            while (!pieces->is_last) {
                pieces++;
            }
            pieces++;
            inputs--;
            digests += 32;
        }
        if (number == 0) {
            return;
        }
        size_t count = busy[0]->count;
        for (int i = 1; i < number; i++) {
            count = busy[i]->count < count ? busy[i]->count : count;
        }
        switch (number) {
            case 1:
                take_in(busy, 1, count);
                break;
            case 2:
                take_in(busy, 2, count);
                break;
            case 3:
                take_in(busy, 3, count);
                break;
            default:
                take_in(busy, LANES, count);
        }
        for (int i = number - 1; i >= 0; i--) {
            lane *lane = busy[i];
            if (lane->count == 0 && !find_blocks(lane)) {
                put_digest(lane);
                busy[i] = busy[--number];
                idle[LANES - 1 - number] = lane;
            }
        }
    }
}

/**
 * Directory trees on this machine as manifests see them: names as UTF-8, the order of paths, and what tells that a file
 * has changed. Shared by the side that pushes and the side that pulls.
 *
 * <p>What always holds: no link below the root is followed, and nothing is changed.
 */
@NullMarked
package dev.tidegate.files;

import org.jspecify.annotations.NullMarked;

/**
 * Where the user of this process has their own: the home directory, and what programs keep below it.
 *
 * <p>What always holds: an absolute path that the environment names goes before the system's list of users.
 */
@NullMarked
package dev.tidegate.home;

import org.jspecify.annotations.NullMarked;

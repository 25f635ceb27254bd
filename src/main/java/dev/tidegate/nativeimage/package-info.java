/** What takes the place of classes of the JDK in a native executable, and is nothing on the Java virtual machine. */
@NullMarked
package dev.tidegate.nativeimage;

import org.jspecify.annotations.NullMarked;

/**
 * The agent beside a training job: it starts the job or attaches to it, keeps its artifacts in step with what it writes,
 * and sees to it that nothing is lost when either ends. {@code docs/agent.md} tells operators how it behaves.
 *
 * <p>{@link dev.tidegate.agent.run.Agent} puts the parts together: the {@code WorkDirectory} and what is remembered there,
 * the {@code Job}, the {@code LogTail} that shows its output, one {@code Cadence} with an {@code ArtifactSync} for each
 * artifact, and the {@code ControlServer} that answers {@code tidegate agent status} and {@code flush}.
 *
 * <p>What always holds: the job does not notice the agent, not even its death; nothing in the job's directories is
 * written to but before its start; no two agents work on one directory, and no agent starts a job that runs already.
 */
@NullMarked
package dev.tidegate.agent.run;

import org.jspecify.annotations.NullMarked;

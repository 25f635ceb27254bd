package dev.tidegate.agent.run;

import dev.tidegate.agent.PushRequest;
import java.util.Optional;
import java.util.OptionalInt;

/** A process that somebody else started; the agent only watches it, until it ends or the agent is told to stop. */
final class AttachedProcess implements Workload {

    private final Optional<ProcessIdentity> process;
    private volatile boolean stopped;

    /** Watches a process; without one, works until it is told to stop. */
    AttachedProcess(OptionalInt pid) throws AgentException {
        this.process = pid.isEmpty() ? Optional.empty() : ProcessIdentity.of(pid.getAsInt());
        if (pid.isPresent() && process.isEmpty()) {
            throw new AgentException("there is no process with the id " + pid.getAsInt());
        }
    }

    @Override
    public OptionalInt pid() {
        return process.isPresent() ? OptionalInt.of(process.get().pid()) : OptionalInt.empty();
    }

    @Override
    public boolean hasEnded() {
        return stopped || (process.isPresent() && !process.get().isAlive());
    }

    @Override
    public PushRequest.Writers writers() {
        return process.isPresent() && !process.get().isAlive() ? PushRequest.Writers.NONE : PushRequest.Writers.JOB;
    }

    /** How another's child ended is told to its parent alone. */
    @Override
    public int exitCode() {
        return 0;
    }

    /** It is not the agent's to signal: the agent itself stops. */
    @Override
    public void signal(String name) {
        stopped = stopped || name.equals("TERM") || name.equals("INT");
    }
}

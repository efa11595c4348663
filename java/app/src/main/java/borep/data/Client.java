package borep.data;

import java.util.List;

/** A package client that the machine already has and that knows its own registry. */
public enum Client {
    /** npm of Node.js. */
    NPM("npm", "Node.js with npm"),
    /** apt-get of Debian and its relatives. */
    APT("apt-get", "a Debian system, or take the package from one"),
    /** Apache Maven. */
    MAVEN("mvn", "Apache Maven");

    private final String command;
    private final String remedy;

    Client(final String command, final String remedy) {
        this.command = command;
        this.remedy = remedy;
    }

    /** The command's name. */
    String command() {
        return command;
    }

    /** What to install where the command is missing. */
    String remedy() {
        return remedy;
    }

    /** The command that brings a package's file into the current folder. */
    List<String> download(final String coordinates) {
        return switch (this) {
            case NPM -> List.of(command, "pack", "--loglevel=error", coordinates);
            case APT -> List.of(command, "download", coordinates);
            case MAVEN ->
                List.of(
                        command,
                        "--quiet",
                        "--batch-mode",
                        "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy",
                        "-Dartifact=" + coordinates,
                        "-DoutputDirectory=.");
        };
    }

    /**
     * The command to try once before giving up, because the client's list of packages may be old; empty if there is
     * none.
     */
    List<String> refresh() {
        return this == APT ? List.of(command, "update") : List.of();
    }
}

/** The command line: data readers, experiments, reports. */
module borep.app {
    requires borep.core;
    requires com.fasterxml.jackson.databind;
    requires de.siegmar.fastcsv;
    requires info.picocli;
    requires static java.xml; // for the tests, which parse every page

    exports borep.data;

    opens borep.cli to
            info.picocli;
    opens borep.data to
            com.fasterxml.jackson.databind;
}

package borep.data;

import com.fasterxml.jackson.annotation.JsonProperty;

/** What becomes of a token that has no vector, not even through an alias or as a number. */
public enum UnknownWords {
    /** One shared row {@code <unk>}: the mean of the vocabulary's vectors. */
    @JsonProperty("mean")
    MEAN,
    /** One shared row {@code <unk>} of zeros. */
    @JsonProperty("zero")
    ZERO,
    /** The token is left out, as the reference code does. */
    @JsonProperty("drop")
    DROP
}

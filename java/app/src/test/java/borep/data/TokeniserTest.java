package borep.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TokeniserTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "Don't panic!!! | do n't panic !",
                "It's the dog’s 2nd, isn’t it? | it 's the dog 's 2nd , is n't it ?",
                "we'll I'd they've you're I'm | we 'll i 'd they 've you 're i 'm",
                "can't won't | ca n't wo n't",
                "rock'n'roll o'clock | rock ' n ' roll o ' clock",
                "1,000.50 at 12:30 on 1/2 | 1,000.50 at 12:30 on 1/2",
                "stop-motion (really) | stop - motion ( really )",
                "naïve ÉTÉ Ωmega 日本 | naïve été ωmega 日本",
                "--- ==> | - = >",
                "😀😀 ok | 😀 ok",
                "isn't,don't | is n't , do n't",
                "'sup and 'sunday' | ' sup and ' sunday '",
            })
    void splitsWordsNumbersCliticsAndSigns(final String text, final String expected) {
        assertEquals(expected.strip(), String.join(" ", Tokeniser.WORDS.tokens(text)));
    }

    @Test
    void whiteSpaceAloneKeepsTokensAsTheyAre() {
        final Tokeniser tokeniser = new Tokeniser(Tokeniser.Kind.WHITESPACE, false, 4);
        assertEquals(List.of("It", "'s", "n't,", "x"), tokeniser.tokens("  It 's\tn't,\u00a0x beyond "));
        assertEquals(List.of(), tokeniser.tokens(" \n "));
    }

    @Test
    void keepsTheFirstTokens() {
        assertEquals(List.of("a", "b"), new Tokeniser(Tokeniser.Kind.WORDS, true, 2).tokens("a b c"));
        final DataException mistake =
                assertThrows(DataException.class, () -> new Tokeniser(Tokeniser.Kind.WORDS, true, 0));
        assertEquals("maxTokens 0: must be at least 1", mistake.getMessage());
    }

    @Test
    void isPartOfAConfiguration() throws JsonProcessingException {
        final ObjectMapper json = new ObjectMapper();
        final String text = json.writeValueAsString(Tokeniser.WORDS);
        assertEquals("{\"kind\":\"words\",\"lowerCase\":true,\"maxTokens\":64}", text);
        assertEquals(Tokeniser.WORDS, json.readValue(text, Tokeniser.class));
    }
}

using StreamLearn.Tables;

namespace Tool;

/// <summary>A model as C99 header for a microcontroller, without a heap.</summary>
internal sealed record CHeader(string Text, long ConstantBytes, long StateBytes)
{
    private static readonly HashSet<string> Standard = new(
        """
        assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal stdalign stdarg stdatomic stdbit stdbool
        stdckdint stddef stdint stdio stdlib stdnoreturn string tgmath threads time uchar wchar wctype
        """.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries).Select(static n => $"{n}.h"), StringComparer.OrdinalIgnoreCase);

    /// <summary>Upper bound on a header's code, without <c>math.h</c> functions.</summary>
    private const int CodeBytes = 8 * 1024;

    private const string Head = """
        #include <math.h>
        #include <stdint.h>

        typedef char name_int_of_32_and_double_of_64_bits[sizeof(int) >= 4 && sizeof(double) == 8 ? 1 : -1];

        """;

    private const string Rows = """

        /* No number, or one so large that the model was never given it; by bits, which no option of a compiler changes. */
        static inline int name_is_missing(float value)
        {
            union { float number; uint32_t bits; } both;
            both.number = value;
            return (both.bits & 0x7FFFFFFFu) >= LIMITu;
        }

        /* Forgets the rows so far: after a pause, or where rows were lost. */
        static inline void name_reset(void) { name_count = 0; }

        /* Takes a row, at the rate above. 1: a window is full, and name_answer may be called before the next row.
           A value that is no number, or 1e15 and beyond, begins a new window. */
        static inline int name_push(const float row[NAME_CHANNELS])
        {
            int c, i;
            if (name_count == NAME_ROWS) {
                name_count = NAME_ROWS - NAME_HOP;
                for (c = 0; c < NAME_CHANNELS; c++) {
                    for (i = 0; i < name_count; i++) { name_window[c][i] = name_window[c][i + NAME_HOP]; }
                }
            }
            for (c = 0; c < NAME_CHANNELS; c++) {
                if (name_is_missing(row[c])) {
                    name_count = 0;
                    return 0;
                }
            }
            for (c = 0; c < NAME_CHANNELS && name_count >= 0; c++) { name_window[c][name_count] = row[c]; }
            return ++name_count == NAME_ROWS;
        }
        """;

    private const string Raw = """

        static inline void name_prepare(float *to)
        {
            int c, i;
            for (c = 0; c < NAME_CHANNELS; c++) {
                for (i = 0; i < NAME_ROWS; i++) { to[c * NAME_ROWS + i] = name_window[c][i]; }
            }
        }
        """;

    private const string Classes = """

        /* Answers the window: the number of its class, and the probability of each. */
        static inline int name_answer(float scores[NAME_CLASSES])
        {
            int i, best = 0;
            float sum = 0;
            name_prepare(name_a);
        CALLS
            for (i = 1; i < NAME_CLASSES; i++) {
                if (HERE[i] > HERE[best]) { best = i; }
            }
            for (i = 0; i < NAME_CLASSES; i++) { sum += scores[i] = expf(HERE[i] - HERE[best]); }
            for (i = 0; i < NAME_CLASSES; i++) { scores[i] /= sum; }
            return best;
        }
        """;

    private const string Value = """

        /* Answers the window: its value. */
        static inline float name_answer(void)
        {
            name_prepare(name_a);
        CALLS
            return MEAN + DEVIATION * HERE[0];
        }
        """;

    /// <summary>Upper bound on the flash memory used.</summary>
    internal long FlashBytes => ConstantBytes + CodeBytes;

    /// <summary>Creates the header, including the preparation.</summary>
    /// <exception cref="NotSupportedException">The message names a layer or answer without a C form.</exception>
    internal static CHeader Of(Network network, Weights weights, ModelCard card, string prefix)
    {
        var preparation = Preparation.Of(card);
        var (channels, rows, hop) = preparation is { } said ? (said.Channels.Length, said.WindowRows, said.HopRows)
            : (network.Plan.Input.Channels, network.Plan.Input.Samples, network.Plan.Input.Samples);
        if (preparation is not null && preparation.Input != network.Plan.Input)
        {
            throw new NotSupportedException($"C: expected a network of {preparation.Input}, got one of {network.Plan.Input}");
        }

        if (preparation?.Calendar is not null)
        {
            throw new NotSupportedException("C: hours and days are inputs of this forecast, and rows in C have no time");
        }

        if (network.Plan.Input.Height > 1) { throw new NotSupportedException($"C: {network.Plan.Input}: images are not supported in C"); }
        var text = new CText(prefix);
        text.Add(Head);
        text.Define("CHANNELS", channels);
        text.Define("ROWS", rows);
        text.Define("HOP", hop);
        if (preparation?.RowsPerSecond is { } rate) { text.Add($"#define NAME_ROWS_PER_SECOND {CText.Double(rate)}"); }
        AddNames(text, network, card, preparation);
        text.State("float", "window", channels, rows);
        text.State("int", "count");
        text.Add(Rows.Replace("LIMIT", $"0x{BitConverter.SingleToUInt32Bits(RowFilling.MaxValue):X8}", StringComparison.Ordinal));
        if (preparation?.Plan is { } plan) { CFeatures.Add(text, plan, rows); }
        else if (preparation?.Rocket is { } kernels) { CRocket.Add(text, kernels); }
        else { text.Add(Raw); }
        var layers = new CNetwork(text);
        layers.Add(network, weights.Values.AsSpan());
        text.State("float", "a", layers.Width);
        text.State("float", "b", layers.Width);
        text.Add(Answer(network).Replace("CALLS", layers.Calls, StringComparison.Ordinal)
            .Replace("HERE", layers.Here, StringComparison.Ordinal));
        return new(Whole(text, Told(network, card), preparation, prefix), text.ConstantBytes, text.StateBytes);
    }

    /// <summary>Returns a C prefix from a file name: lowercase letters, digits and _, starting with a letter.</summary>
    internal static string Prefix(string file)
    {
        var name = string.Concat(Path.GetFileNameWithoutExtension(file).ToLowerInvariant()
            .Select(static c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        return name.Length > 0 && char.IsAsciiLetter(name[0]) ? name : $"model_{name}";
    }

    /// <summary>Returns the problem with a file name; null: valid.</summary>
    internal static string? Mismatch(string file) => Path.GetFileName(file) is var name && Standard.Contains(name)
            ? $"expected a name other than a C standard header's, got '{name}'"
        : Path.GetFileNameWithoutExtension(file).Any(char.IsAsciiLetterOrDigit) ? null
        : $"expected a name with a letter from a to z, or a digit, such as pump.h, got '{name}'";

    private static string Answer(Network network) => network.Objective switch
    {
        SoftmaxCrossEntropy or Distillation => Classes,
        SquaredError { Mean: var mean, Deviation: var deviation } when network.Plan.Outputs == 1 => Value
            .Replace("MEAN", CText.Single(mean), StringComparison.Ordinal)
            .Replace("DEVIATION", CText.Single(deviation), StringComparison.Ordinal),
        var other => throw new NotSupportedException($"C: {other} of {network.Plan.Outputs} outputs: its answers are not supported in C"),
    };

    private static void AddNames(CText text, Network network, ModelCard card, Preparation? preparation)
    {
        var columns = preparation?.Channels ?? (card.Channels.IsEmpty ? network.Plan.Features : card.Channels);
        if (!columns.IsEmpty)
        {
            text.Names("channels", [.. columns.Select(static f => f.Name)]);
            text.Names("units", [.. columns.Select(static f => f.Unit.Symbol)]);
        }

        var target = TargetCard.Of(card);
        if (target?.Ahead is { TotalSeconds: var later }) { text.Add($"#define NAME_SECONDS_AHEAD {CText.Double(later)}"); }
        if (network.Plan.Classes == 0)
        {
            if (target is null) { return; }
            text.DefineText("TARGET", target.Value.Name);
            text.DefineText("UNIT", target.Value.Unit.Symbol);
            return;
        }

        text.Define("CLASSES", network.Plan.Classes);
        text.Names("classes", card.Labels.IsEmpty
            ? [.. Enumerable.Range(0, network.Plan.Classes).Select(static c => c.ToString(CultureInfo.InvariantCulture))] : card.Labels);
    }

    /// <summary>Returns a description that is safe inside a C comment.</summary>
    private static string Told(Network network, ModelCard card)
    {
        var target = TargetCard.Of(card);
        var what = network.Plan.Classes > 0 ? $"one of {network.Plan.Classes} classes"
            : target is { Name: var name, Unit: var unit } ? $"{name} [{unit}]" : "a value";
        var told = target?.Ahead is { TotalSeconds: var later } ? FormattableString.Invariant($"{what}, {later:0.###} s later") : what;
        return PrintableText.Of(told)
            .Replace("*/", "* /", StringComparison.Ordinal).Replace("/*", "/ *", StringComparison.Ordinal);
    }

    private static string Whole(CText text, string what, Preparation? preparation, string prefix)
    {
        var guard = $"{prefix.ToUpperInvariant()}_H";
        var head = string.Create(CultureInfo.InvariantCulture, $"""
            /* Answers windows with {what}{(preparation is null ? "" : $": {preparation}")}. Made by streamlearn export.
               C99; no heap, no other library than math.h. Include it in one file of a program; it is for one sensor and one thread.
               Compile with -std=c99 or -ffp-contract=off: fused products round otherwise.
               {text.ConstantBytes} bytes of constants, {text.StateBytes} of variables. */
            #ifndef {guard}
            #define {guard}

            """).ReplaceLineEndings("\n");
        return $"{head}{text}\n#endif\n";
    }
}

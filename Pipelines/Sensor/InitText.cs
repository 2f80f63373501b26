using System.Globalization;
using System.Text;

namespace Sensor;

/// <summary><paramref name="Source"/>: unindented lines of <c>source</c>. <paramref name="OwnUnits"/>: units that are in no
/// registry.</summary>
internal sealed record InitText(
    IReadOnlyList<string> Source, IReadOnlyList<string> Columns, IReadOnlyList<string> OwnUnits, int Samples, ModelConfig Model)
{
    /// <summary>Steps of each device in lockstep. Fewer versions are cheaper, but below a hundred, similar classes are confused more
    /// often.</summary>
    private const int StepsInStep = 2_400;
    private const int Versions = 100;

    private static readonly string[] Words = ["true", "false", "null", "yes", "no", "on", "off"];

    internal IReadOnlyList<string> Seen { get; init; } = [];

    /// <summary>The MQTT server of the rows, if the fleet can use it; null: none.</summary>
    internal string? Server { get; init; }

    internal TimeSpan Stuck { get; init; } = StuckTime.Of(rate: null);

    internal bool AdjustLogits { get; init; } = true;

    /// <summary>Number of training steps per window; more if there are few windows.</summary>
    internal int StepsPerWindow { get; init; } = 1;

    /// <summary>Devices in lockstep, since each has one class; null: asynchronous.</summary>
    internal int? InStep { get; init; }

    internal IEnumerable<string> Precisions { get; init; } = [];

    /// <summary>True if devices only detect anomalies, without a model.</summary>
    internal bool Watches { get; init; }

    /// <summary>Initial rows assumed to be normal.</summary>
    internal int LearnRows { get; init; } = new AnomalyOptions().LearnRows;

    internal static string Quoted(string text)
    {
        if (text.Length > 0 && char.IsAsciiLetter(text[0])
            && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '/' or '.')
            && !Words.Contains(text, StringComparer.OrdinalIgnoreCase))
        {
            return text;
        }

        var quoted = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value is '"' or '\\') { quoted.Append('\\').Append(rune); }
            else if (PrintableText.IsPrintable(rune)) { quoted.Append(rune); }
            else { quoted.Append(CultureInfo.InvariantCulture, $"\\{(rune.IsBmp ? $"u{rune.Value:X4}" : $"U{rune.Value:X8}")}"); }
        }

        return quoted.Append('"').ToString();
    }

    internal static string List(IEnumerable<string> texts) => $"[{string.Join(", ", texts.Select(Quoted))}]";

    internal static string Number(double number) => number.ToString("0.######", CultureInfo.InvariantCulture);

    public override string ToString()
    {
        var text = new StringBuilder(LinkConfig.Sample);
        if (Server is { } server) { text.Replace("or mqtts://, nats://, tls://", $"or {server}, the sensors' server, or nats://"); }
        foreach (var line in Seen) { text.Append("# ").Append(PrintableText.Of(line, int.MaxValue)).Append('\n'); }
        Section(text, "source", Source);
        if (OwnUnits.Count > 0) { text.Append(CultureInfo.InvariantCulture, $"own_units: {List(OwnUnits)}\n"); }
        Section(text, "columns", Columns);
        if (Watches)
        {
            Section(text, "pipeline", ["- check: { stuck: 1d }          # rows of a channel that stays the same for longer are left out"]);
            Section(text, "anomalies",
            [
                FormattableString.Invariant($"learn_rows: {LearnRows}").PadRight(32)
                    + "# first rows of a device, its baseline; or usual: 'usual*.csv'",
                "# topic: 'plant/{device}/alert' # receives start and end of each anomaly",
                "# compare: true                 # reports devices whose rows differ from the others'",
            ]);
            return text.ToString();
        }

        text.Append(CultureInfo.InvariantCulture, $"{Model}   # aggregator: config init --model-of this file\n");
        foreach (var line in Precisions) { text.Append("# ").Append(line).Append('\n'); }
        Section(text, "pipeline",
        [
            $"- check: {{ stuck: {StuckTime.Text(Stuck)} }}          # rows of a channel that stays the same for longer are left out",
            string.Create(CultureInfo.InvariantCulture, $"- window: {{ samples: {Samples}, hop: {Model.Hop} }}"),
            string.Create(CultureInfo.InvariantCulture,
                $"- learn: {{ {Steps}rate: 0.05, momentum: 0.9, clip: 2, batch: 16, buffer: {Math.Max(128, 8 * Model.Classes)}")
                + (AdjustLogits ? " }" : ", adjust_logits: false }   # true where rare classes matter as much as frequent ones"),
        ]);
        Section(text, "exchange",
        [
            .. InStep is { } devices
                ? new[]
                {
                    "mode: barrier                   # each version waits for every device, since devices have different classes",
                    string.Create(CultureInfo.InvariantCulture, $"devices: {devices}                     # in the fleet"),
                }
                : ["mode: async                     # or barrier: each version waits for every device"],
            string.Create(CultureInfo.InvariantCulture,
                $"steps_per_update: {(InStep is null ? 4 * StepsPerWindow : StepsInStep / Versions)}"),
            "updates_under_way: 2            # per device, at most",
        ]);
        if (Model.Scores is { } scores)
        {
            text.Append(CultureInfo.InvariantCulture, $"# answer:                           # the file has scores of {scores.Groups} ")
                .Append("devices: answers list the possible classes\n#   topic: 'plant/{device}/answer'\n#   bound: 0.9\n");
        }

        text.Append("# anomalies:                        # detects anomalies without labels; all keys have defaults\n")
            .Append("#   usual: 'usual*.csv'             # files of normal rows; without it, the first 10,000 rows\n")
            .Append("#   topic: 'plant/{device}/alert'\n");
        return text.ToString();
    }

    private string Steps => InStep is not null ? string.Create(CultureInfo.InvariantCulture, $"steps: {StepsInStep}, ")
        : StepsPerWindow == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"steps_per_window: {StepsPerWindow}, ");

    private static void Section(StringBuilder text, string name, IEnumerable<string> lines)
    {
        text.Append(name).Append(":\n");
        foreach (var line in lines) { text.Append("  ").Append(PrintableText.Of(line, int.MaxValue)).Append('\n'); }
    }
}

using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using StreamLearn.Learning;

namespace Tool;

/// <summary>What came of learning alone, as <c>--json</c> writes it.</summary>
internal sealed record AloneResult
{
    /// <summary>How rows were learned from: <c>alone</c>.</summary>
    public string Host { get; init; } = "alone";

    /// <summary>A line on where the rows came from.</summary>
    public required string Data { get; init; }

    /// <summary>Seed of every random stream.</summary>
    public required long Seed { get; init; }

    /// <summary><c>linear</c>, <c>features</c> or <c>conv</c>.</summary>
    public required string Model { get; init; }

    /// <summary>Why.</summary>
    public required string Choice { get; init; }

    /// <summary>Accuracy on windows that nothing was learned from.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Bounds of the accuracy of 95 % confidence.</summary>
    public ImmutableArray<double> AccuracyInterval => Wilson(Accuracy, TestRows / 2.0);

    /// <summary>Cohen's kappa of the same answers.</summary>
    public required double Kappa { get; init; }

    /// <summary>Mean over classes of the harmonic mean of precision and recall.</summary>
    public required double MacroF1 { get; init; }

    /// <summary>Windows that were learned from.</summary>
    public required long LearnedRows { get; init; }

    /// <summary>Windows that judged.</summary>
    public required long TestRows { get; init; }

    /// <summary>Times that all were learned from.</summary>
    public required int Epochs { get; init; }

    /// <summary>Names of the classes.</summary>
    public required ImmutableArray<string> Classes { get; init; }

    /// <summary>Windows by label and answer.</summary>
    public required ImmutableArray<long> Confusion { get; init; }

    /// <summary>How well each unseen device was answered.</summary>
    public required ImmutableArray<PersonJudged> People { get; init; }

    /// <summary>Real time that it took.</summary>
    public required double WallSeconds { get; init; }

    internal string ToJson() => JsonSerializer.Serialize(this, AloneJson.Default.AloneResult);

    /// <summary>Bounds of a share of 95 % confidence. Windows that overlap by half count half. Source: Wilson (1927).</summary>
    internal static ImmutableArray<double> Wilson(double share, double count)
    {
        const double Deviations = 1.959964;
        if (count < 1) { return [0, 1]; }
        var z = Deviations * Deviations / count;
        var middle = (share + (z / 2)) / (1 + z);
        var half = Deviations / (1 + z) * Math.Sqrt((share * (1 - share) / count) + (z / count / 4));
        return [Math.Max(0, middle - half), Math.Min(1, middle + half)];
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(AloneResult))]
internal sealed partial class AloneJson : JsonSerializerContext;

/// <summary>The result as a person reads it.</summary>
internal static class AloneText
{
    internal static void Write(AloneResult result, Action<string> say)
    {
        var interval = result.AccuracyInterval;
        say(string.Create(CultureInfo.InvariantCulture,
            $"Done in {result.WallSeconds:0.0} s.  accuracy {result.Accuracy:0.000} (95 % between {interval[0]:0.000} and "
                + $"{interval[1]:0.000}) on {result.TestRows:N0} windows that nothing was learned from"));
        say(string.Create(CultureInfo.InvariantCulture,
            $"  learned  {result.LearnedRows:N0} windows, {result.Epochs} times   kappa {result.Kappa:0.000}   "
                + $"macro F1 {result.MacroF1:0.000}"));
        var matrix = new ConfusionMatrix(result.Confusion);
        var width = Math.Max(5, result.Classes.Max(static c => c.Length));
        say($"  {"class".PadRight(width)}   rows  recall  precision");
        for (var c = 0; c < result.Classes.Length; c++)
        {
            say(string.Create(CultureInfo.InvariantCulture,
                $"  {result.Classes[c].PadRight(width)}{matrix.Labelled(c),7:N0}{matrix.Recall(c),8:0.000}{matrix.Precision(c),11:0.000}"));
        }

        if (result.People.Length < 2) { return; }
        say($"  {"device".PadRight(width)}   rows  accuracy");
        foreach (var person in result.People)
        {
            say(string.Create(CultureInfo.InvariantCulture,
                $"  {person.Name.PadRight(width)}{person.Rows,7:N0}{(double)person.Correct / Math.Max(1, person.Rows),10:0.000}"));
        }
    }
}

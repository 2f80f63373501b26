using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using StreamLearn.Learning;

namespace Tool;

internal sealed record AloneResult
{
    public string Host { get; init; } = "alone";        // always alone
    public required string Data { get; init; }          // source of the rows
    public required long Seed { get; init; }
    public required string Model { get; init; }         // linear, rocket, features, conv or lags
    public required string Choice { get; init; }
    public required double Accuracy { get; init; }      // accuracy on windows not used for learning

    public double MajorityShare => Majority.Share;      // accuracy of always answering the most frequent class
    public string MajorityClass => Majority.Class;

    internal Majority Majority => Majority.Of(Classes, [.. Confusion.Chunk(Math.Max(1, Classes.Length)).Select(static r => r.Sum())]);

    /// <summary>95 % confidence.</summary>
    public ImmutableArray<double> AccuracyInterval => Majority.Wilson(Accuracy, TestRows / 2.0);

    /// <summary>Guaranteed for unseen devices, 95 % confidence; empty: fewer than two devices chose.</summary>
    public ImmutableArray<double> PromisedInterval { get; init; } = [];

    public required double Kappa { get; init; }
    public required double MacroF1 { get; init; }      // mean F1 over classes
    public double? AccuracyOfNow { get; init; }        // accuracy of the current class as a forecast; null: no forecast
    public required double? Chance { get; init; }      // share of random pairings on held-out rows that are as accurate; null: too few rows
    public required long LearnedRows { get; init; }                         // windows used for learning
    public required long TestRows { get; init; }
    public required int Epochs { get; init; }                               // passes over all windows
    public required long Steps { get; init; }
    public required string Ended { get; init; }                             // why fitting ended
    public required ImmutableArray<string> Classes { get; init; }
    public required ImmutableArray<long> Confusion { get; init; }           // windows by label and answer
    public required ImmutableArray<PersonJudged> People { get; init; }      // accuracy by unseen device
    public required double WallSeconds { get; init; }                       // real time

    internal string ToJson() => JsonSerializer.Serialize(this, AloneJson.Default.AloneResult);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(AloneResult))]
internal sealed partial class AloneJson : JsonSerializerContext;

internal static class AloneText
{
    internal static void Write(AloneResult result, Action<string> say)
    {
        var interval = result.AccuracyInterval;
        say(string.Create(CultureInfo.InvariantCulture,
            $"Done in {result.WallSeconds:0.0} s.  accuracy {result.Accuracy:0.000} (95 % between {interval[0]:0.000} and "
                + $"{interval[1]:0.000}) on {result.TestRows:N0} windows not used for learning")
            + Majority.OfNow(result.AccuracyOfNow));
        say(string.Create(CultureInfo.InvariantCulture,
            $"  learned  {result.LearnedRows:N0} windows, {result.Epochs} times, {result.Steps:N0} steps, to the end: {result.Ended}"));
        say(string.Create(CultureInfo.InvariantCulture,
            $"  quality  kappa {result.Kappa:0.000}   macro F1 {result.MacroF1:0.000}"));
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

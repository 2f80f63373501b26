using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using StreamLearn.Learning;

namespace Tool;

/// <summary><paramref name="MeanAbsoluteError"/>: in the target's unit.</summary>
internal sealed record DeviceError(string Name, long Rows, double MeanAbsoluteError)
{
    internal static DeviceError Of(LabelledWindows windows, int owner, float[] answers)
    {
        var errors = Enumerable.Range(0, answers.Length).Where(r => windows.Owners[r] == owner)
            .Select(r => (double)ConformalScores.OfValue(answers[r], windows.Targets[r])).ToList();
        return new(windows.Names[owner], errors.Count, errors.Average());
    }
}

/// <summary><paramref name="Seconds"/>: virtual time.</summary>
internal sealed record ValueRun(string Mode, double MeanAbsoluteError, long Versions, double Seconds, long RowsTrained, long BytesUp,
    string WeightsSha256);

/// <summary>The <c>--json</c> result of learning a value; errors in the target's unit, on unseen windows.</summary>
internal sealed record ValueResult
{
    public string Host { get; init; } = "alone";            // alone or simulation
    public required string Data { get; init; }          // source of the rows
    public required long Seed { get; init; }
    public required string Model { get; init; }         // linear, rocket, features, conv or lags
    public string? Choice { get; init; }                // why it was chosen; null: chosen by the user
    public required string Target { get; init; }        // column of the target
    public required string Unit { get; init; }          // unit of the target; 1: without a unit
    public required double MeanAbsoluteError { get; init; }
    public required double ErrorOfMean { get; init; }               // mean absolute error of always answering the mean
    public required double? ErrorOfNow { get; init; }               // mean absolute error of the current value as a forecast; null: none
    public required double RootMeanSquareError { get; init; }
    public required double? R2 { get; init; }                       // explained share of the variance; null: constant targets
    public bool NothingToLearn { get; init; }
    public required double? Bound { get; init; }                    // requested share of targets within the bound
    public required double? BoundHalf { get; init; }                // half width of the bound; null: too few devices
    public double? Covered { get; init; }                           // measured share of targets within the bound
    public long LearnedRows { get; init; }                          // windows used for learning
    public required long TestRows { get; init; }
    public int Epochs { get; init; }                                // passes over all windows; 0 for a fleet
    public long Steps { get; init; }
    public string? Ended { get; init; }                             // why fitting ended; null for a fleet
    public ImmutableArray<ValueRun> Runs { get; init; } = [];       // runs of a fleet, the main one first
    public required ImmutableArray<DeviceError> Devices { get; init; }
    public double WallSeconds { get; init; }                        // real time

    internal string ToJson() => JsonSerializer.Serialize(this, ValueJson.Default.ValueResult);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(ValueResult))]
internal sealed partial class ValueJson : JsonSerializerContext;

internal static class ValueText
{
    /// <summary>The choice, its reason, and its error bound on devices that did not choose.</summary>
    internal static string Choice(Candidate[] candidates, int at, double spread, int unseen, string where)
    {
        var chosen = candidates[at];
        var tried = string.Join(", ", candidates.Select(c => $"{Number((1 - c.Accuracy) * spread)} with {c.Model}"));
        return $"{chosen.Model}: mean absolute error {tried} {where}" + (DeviceBounds.Around(chosen, unseen, candidates.Length) is not
            var (mean, half) ? ", which says nothing about other devices"
            : $"; on {unseen} unseen {Number(Math.Max(0, (1 - mean - half) * spread))} to {Number((1 - mean + half) * spread)} with 95 % "
                + "confidence");
    }

    internal static void Write(ValueResult result, int judges, Action<string> say)
    {
        var unit = result.Unit == "1" ? "" : $" {result.Unit}";
        if (result.NothingToLearn)
        {
            say("  noted    nothing to learn here: for held-out devices the answers are no better than the mean of the others");
        }

        else if (result.MeanAbsoluteError >= result.ErrorOfMean)
        {
            say("  noted    the mean of the training rows is closer to unseen values than the answers: the answers are useless for them");
        }
        else if (result.MeanAbsoluteError >= result.ErrorOfNow)
        {
            say("  noted    the current value is closer to the later one than the answers: the forecast does not help");
        }

        if (result.Bound is { } coverage)
        {
            say(result.BoundHalf is { } half
                ? FormattableString.Invariant($"  bound    {coverage:P0} guaranteed from {judges} devices: the value ")
                    + FormattableString.Invariant($"± {Number(half)}{unit}; on unseen devices {result.Covered:P1} are within")
                : FormattableString.Invariant(
                    $"  bound    none: expected at least {ConformalScores.MinGroups} devices to measure it, got {judges}"));
        }

        say(FormattableString.Invariant($"Done in {result.WallSeconds:0.0} s.  mean absolute error ")
            + FormattableString.Invariant($"{Number(result.MeanAbsoluteError)}{unit} on {result.TestRows:N0} windows ")
            + "not used for learning; always answering the mean has an error of "
            + $"{Number(result.ErrorOfMean)}{unit}"
            + (result.ErrorOfNow is { } now ? $", the current value one of {Number(now)}{unit}" : ""));
        foreach (var run in result.Runs)
        {
            say(FormattableString.Invariant($"  {run.Mode,-9}mean absolute error {Number(run.MeanAbsoluteError)}{unit}   ")
                + FormattableString.Invariant($"{run.Versions:N0} versions in {run.Seconds:0} s of virtual time   ")
                + FormattableString.Invariant($"{run.RowsTrained:N0} windows learned from   ")
                + FormattableString.Invariant($"{run.BytesUp / 1024.0:N0} KiB sent up"));
        }

        if (result.Runs.IsEmpty)
        {
            say(FormattableString.Invariant(
                $"  learned  {result.LearnedRows:N0} windows, {result.Epochs} times, {result.Steps:N0} steps, to the end: {result.Ended}"));
        }

        say(FormattableString.Invariant($"  quality  root mean square error {Number(result.RootMeanSquareError)}{unit}")
            + (result.R2 is { } share ? FormattableString.Invariant($"   R² {share:0.000}") : ""));
        if (result.Devices.Length < 2) { return; }
        var width = Math.Max(6, result.Devices.Max(static d => d.Name.Length));
        say($"  {"device".PadRight(width)}   rows     error");
        foreach (var device in result.Devices)
        {
            say(FormattableString.Invariant(
                $"  {device.Name.PadRight(width)}{device.Rows,7:N0}{Number(device.MeanAbsoluteError),10}"));
        }
    }

    /// <summary>Four significant digits.</summary>
    private static string Number(double value) => value.ToString("G4", CultureInfo.InvariantCulture);
}

namespace StreamLearn.Tables;

/// <summary>How well a forecast answers later times of the devices that it learned from. <paramref name="Score"/>: mean absolute error, or
/// accuracy. <paramref name="OfNow"/>: that of the current value or class; null: not an input. <paramref name="Unit"/>: with a space before
/// it; null for classes.</summary>
internal sealed record LaterTimes(double Score, double? OfNow, int Windows, string? Unit)
{
    private const int MinWindows = 8;

    /// <summary>What is better than the model; null: nothing.</summary>
    internal string? Advice { get; private init; }

    private string Now => Unit is null ? "class of now" : "value of now";

    /// <summary>Describes both scores, and the advice.</summary>
    public override string ToString() => "on later times of the same devices: "
        + $"{(Unit is null ? "accuracy" : "mean absolute error")} {Number(Score)}"
        + (OfNow is { } now ? $", {Now} {Number(now)}" : "") + (Advice is null ? "" : $": {Advice}");

    /// <summary>Learns from all but the last fifth of each device's windows, which judge. <paramref name="learned"/>: the windows of the
    /// model. <paramref name="samples"/>: the rows of the same windows; null for classes. Returns null if there are too few.</summary>
    internal static LaterTimes? Of(FitModel model, FitWindows learned, FitWindows? samples, Func<FitWindows, Weights> learn)
    {
        var (early, late) = FitSplit.Later(learned, model.Rows);
        if (early.Count < MinWindows || late.Count == 0 || (samples is null && early.Labels.Distinct().Take(2).Count() < 2)) { return null; }
        return Of(model, FitAnswers.Of(model.Network, learn(early), late).Mean, samples is null ? late.AccuracyOfNow
            : Fitting.ErrorOfNow(model.Rows, FitSplit.Later(samples, model.Rows).Judging, late), late.Count);
    }

    internal static LaterTimes Of(FitModel model, double score, double? now, int windows)
    {
        LaterTimes later = new(score, now, windows, model.Rows.Target is not { Unit: var unit } ? null : unit.Symbol == "1" ? "" : $" {unit}");
        var isBehind = model.Plain != PlainForecast.Now && (later.Unit is null ? score <= now : score >= now);
        return later with { Advice = isBehind ? $"use the {later.Now}" : null };
    }

    private string Number(double value) => value.ToString(Unit is null ? "0.000" : "G4", CultureInfo.InvariantCulture) + Unit;
}

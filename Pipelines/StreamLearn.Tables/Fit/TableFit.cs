namespace StreamLearn.Tables;

/// <summary>A model fitted to a table, and how well it answers held-out windows.</summary>
public sealed record TableFit
{
    /// <summary>The model.</summary>
    public required TableModel Model { get; init; }

    /// <summary>The kind of the model.</summary>
    public required ModelKind Kind { get; init; }

    /// <summary>Why this kind was chosen; null: it was given.</summary>
    public string? Choice { get; init; }

    /// <summary>Notes on the rows, one per line.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>Windows used for learning.</summary>
    public long LearnedWindows { get; init; }

    /// <summary>Held-out windows on which the model was scored.</summary>
    public required long JudgedWindows { get; init; }

    /// <summary>The devices on which the model was scored.</summary>
    public required ImmutableArray<TableDeviceFit> Devices { get; init; }

    /// <summary>Share of correct classes; 0 for values.</summary>
    public double Accuracy { get; init; }

    /// <summary>Windows by class and answer, row by row; empty for values.</summary>
    public ImmutableArray<long> Confusion { get; init; } = [];

    /// <summary>Mean absolute error, in the unit of the target; 0 for classes.</summary>
    public double MeanAbsoluteError { get; init; }

    /// <summary>The error of always answering the mean; 0 for classes.</summary>
    public double ErrorOfMean { get; init; }

    /// <summary>True if answers are no better than chance or the mean.</summary>
    public bool NothingToLearn { get; init; }

    /// <summary>The share of windows for which <see cref="TableFitOptions.Bound"/> held; null without a bound.</summary>
    public double? Covered { get; init; }

    /// <summary>The half width of the bound on values; null for classes or without a bound.</summary>
    public double? BoundHalf { get; init; }

    /// <summary>What is always answered, since no model is better; null: it learned.</summary>
    internal PlainForecast? Plain { get; init; }

    internal double Kappa { get; init; }

    internal double MacroF1 { get; init; }

    /// <summary>Share of random pairings of answers and labels that are at least as accurate; null: too few.</summary>
    internal double? Chance { get; init; }

    /// <summary>Accuracy of the current class as a forecast; null: no forecast.</summary>
    internal double? AccuracyOfNow { get; init; }

    /// <summary>Error of the current value as a forecast; null: no forecast.</summary>
    internal double? ErrorOfNow { get; init; }

    /// <summary>The same on later times of the devices that it learned from; null: no forecast, a fleet, or too few windows.</summary>
    internal LaterTimes? Later { get; init; }

    /// <summary>Bounds on the accuracy, or the mean absolute error, on unseen devices; null if too few devices took part in the
    /// choice.</summary>
    internal (double Low, double High)? Promised { get; init; }

    internal ValueErrors Errors { get; init; }

    /// <summary>The answers to the held-out windows; null for classes.</summary>
    internal FitAnswers? Answers { get; init; }

    /// <summary>The names of the owners of <see cref="Answers"/>.</summary>
    internal IReadOnlyList<string> DeviceNames { get; init; } = [];

    /// <summary>The requested bound; null for none.</summary>
    internal double? Bound { get; init; }

    /// <summary>Mean number of classes in a set.</summary>
    internal double MeanClasses { get; init; }

    /// <summary>Devices from which a bound was derived.</summary>
    internal int Judges { get; init; }

    internal int Epochs { get; init; }

    internal long Steps { get; init; }

    /// <summary>Why fitting ended; null: a fleet.</summary>
    internal string? Ended { get; init; }
}

/// <summary>How well an unseen device was answered.</summary>
/// <param name="Name">The device.</param>
/// <param name="Windows">Its windows.</param>
/// <param name="Correct">Number of correct classes; 0 for values.</param>
/// <param name="MeanAbsoluteError">The mean absolute error of its values; 0 for classes.</param>
public sealed record TableDeviceFit(string Name, long Windows, long Correct, double MeanAbsoluteError);

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
        var isEnough = early.Count >= MinWindows && late.Count > 0 && (samples is not null || early.Labels.Distinct().Take(2).Count() > 1);
        if (!isEnough) { return null; }
        return Of(model, FitAnswers.Of(model.Network, learn(early), late).Mean, samples is null ? late.AccuracyOfNow
            : Fitting.ErrorOfNow(model.Rows, FitSplit.Later(samples, model.Rows).Judging, late), late.Count);
    }

    internal static LaterTimes Of(FitModel model, double score, double? now, int windows)
    {
        var unit = model.Rows.Target is not { Unit.Symbol: var symbol } ? null : symbol == "1" ? "" : $" {symbol}";
        LaterTimes later = new(score, now, windows, unit);
        var isBehind = model.Plain != PlainForecast.Now && (later.Unit is null ? score <= now : score >= now);
        return later with { Advice = isBehind ? $"use the {later.Now}" : null };
    }

    private string Number(double value) => value.ToString(Unit is null ? "0.000" : "G4", CultureInfo.InvariantCulture) + Unit;
}

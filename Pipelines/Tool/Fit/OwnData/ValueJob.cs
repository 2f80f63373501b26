using StreamLearn;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Tables;

namespace Tool;

/// <summary>Learns a value on one machine: compares candidates, fits the best to all training rows, scores it on unseen devices and saves
/// it.</summary>
internal static class ValueJob
{
    private const double Level = 0.01;      // p-value above which answers are no better than the mean
    private const int LeastDevices = 4;     // minimum devices for the test
    private const int LeastWindows = 8;

    internal static int Run(JobOptions options, FleetSource source, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        AloneJob.Begin(options, source);
        var samples = Split(source, options);
        source = source with { Objective = ObjectiveOf(samples.Learning, options) };
        var chosen = Choose(options, source, cancellationToken);
        Say($"  model    {chosen.Text}");
        var (model, weights) = (chosen.Model, chosen.Fitted.Weights);
        var scores = options.Bound is null ? null : ValueTrial.Scores(chosen.Trials);
        var result = ResultOf(options, chosen.Model, ValueTrial.Of(model, weights, chosen.Judging), samples.Judging, scores) with
        {
            Choice = chosen.Text,
            NothingToLearn = chosen.KnowsNothing,
            LearnedRows = chosen.Learning.Labels.Length,
            Epochs = chosen.Fitted.Epochs,
            Steps = chosen.Fitted.Steps,
            Ended = chosen.Fitted.Ended,
            WallSeconds = Math.Round(TimeProvider.System.GetElapsedTime(started).TotalSeconds, 3),
        };
        ValueText.Write(result, ValueTrial.JudgesOf(chosen.Trials), Say);
        AloneJob.Keep(options, model, weights, scores, result.ToJson());
        return ExitCode.Done;
    }

    /// <summary><paramref name="samples"/>: samples of the judging windows.</summary>
    internal static ValueResult ResultOf(
        JobOptions options, FleetModel model, ValueTrial judged, LabelledWindows samples, ConformalScores? scores)
    {
        var (answers, judging, source) = (judged.Values, judged.Held, model.Source);
        var errors = answers.Zip(judging.Targets).Aggregate(default(ValueErrors), static (sum, a) => sum.Add(a.First, a.Second));
        float? half = options.Bound is { } coverage ? scores?.At(coverage) : null;
        return new()
        {
            Data = source.Description,
            Seed = options.Seed,
            Model = model.Name,
            Target = options.Columns.Target!,
            Unit = source.Target!.Unit.Symbol,
            MeanAbsoluteError = errors.MeanAbsolute,
            ErrorOfMean = judging.Targets.Average(t => (double)Math.Abs(t - source.Objective!.Mean)),
            RootMeanSquareError = errors.RootMeanSquare,
            R2 = double.IsNaN(errors.R2) ? null : errors.R2,
            ErrorOfNow = ErrorOfNow(source, samples, judging),
            Bound = options.Bound,
            BoundHalf = half,
            Covered = half is { } bound ? judging.Covered(answers, bound) : null,
            TestRows = judging.Labels.Length,
            Devices = [.. judging.Owners.Distinct().Order().Select(owner => DeviceError.Of(judging, owner, answers))],
        };
    }

    private static ChosenValue Choose(JobOptions options, FleetSource source, CancellationToken cancellationToken)
    {
        var mean = source.Objective!.Mean;
        ModelKind[] kinds = options.Model == ModelKind.Auto ? FleetModel.AloneCandidatesOf(source) : [options.Model];
        FleetModel[] models = [.. kinds.Select(kind => FleetModel.Of(kind, source, options.Seed))];
        var rows = models.Select(m => Split(m.Source, options)).ToArray();
        var mostHeld = options.Bound is null ? AloneJob.MaxHeld : int.MaxValue;
        var parts = rows.Select(r => AloneJob.FoldsOf(r.Learning, mostHeld, source.IsByRow)).ToArray();
        var folds = parts[0].Count;
        if (parts[0].Find(static p => p.Learning.Labels.Length < LeastWindows || p.Held.Labels.Length == 0) is { Learning: { } few })
        {
            throw new ProgramException(FormattableString.Invariant(
                $"{options.RowsOption}: expected {LeastWindows} windows with a target or more after some are held out, got ")
                + FormattableString.Invariant($"{few.Labels.Length}; a window has the target of its last row"), ExitCode.DataRefused);
        }

        var (tried, done) = (new ValueTrial[models.Length * folds][], 0);
        Parallel.For(0, tried.Length, new() { CancellationToken = cancellationToken }, i =>
        {
            var (model, (learning, held)) = (models[i / folds], parts[i / folds][i % folds]);
            tried[i] = ValueTrial.Of(model, AloneJob.Tried(learning), held, options.Seed,
                AloneJob.LineOf($"{model.Name}, trial {1 + (i % folds)} of {folds}", TimeProvider.System, Say,
                    () => (Volatile.Read(ref done), tried.Length)), cancellationToken);
            Interlocked.Increment(ref done);
        });
        var best = tried.Chunk(folds).Select(ValueTrial.Best).ToArray();
        var spread = rows[0].Learning.ErrorOfMean(mean);
        var candidates = best.Select((trials, i) => ValueTrial.CandidateOf(models[i].Name, trials, spread)).ToArray();
        var at = Array.IndexOf(candidates, ModelSearch.Choose(candidates));
        var fitted = ValueTrial.Finish(models[at], rows[at].Learning, best[at], options.Seed,
            new(TimeProvider.System, Say, models[at].Name), cancellationToken);
        return new(models[at], fitted, best[at], rows[at].Learning, rows[at].Judging,
            ValueText.Choice(candidates, at, spread, source.Unseen.Length, source.Devices.Length > 1
                ? FormattableString.Invariant($"on {candidates[at].Accuracies.Length} held-out devices") : "on held-out rows"),
            KnowsNothing(best[at], mean, candidates.Length));
    }

    internal static (LabelledWindows Learning, LabelledWindows Judging) Split(FleetSource source, JobOptions options)
    {
        var (learning, judging) = AloneJob.Parted(source, options.Seed);
        return learning.Labels.Length >= 2 && judging.Labels.Length > 0 ? (learning, judging) : throw new ProgramException(
            FormattableString.Invariant($"{options.RowsOption}: expected windows with a target to learn from and some to evaluate, got ")
            + FormattableString.Invariant($"{learning.Labels.Length} and {judging.Labels.Length}: a window is {source.WindowSamples} ")
            + $"rows, the last of which has one{(source.Ahead is null ? "" : ", of later")}; {OwnFleet.Shorter}", ExitCode.DataRefused);
    }

    /// <summary>Mean error of the current value as forecast, from the window's last sample; null: no forecast. <paramref name="windows"/>:
    /// the judging samples.</summary>
    private static double? ErrorOfNow(FleetSource source, LabelledWindows windows, LabelledWindows judging)
    {
        if (source.Ahead is null || source.Channels.IndexOf(source.Target!.Name) is var place && place < 0) { return null; }
        var (size, samples) = (source.Channels.Length * source.WindowSamples, source.WindowSamples);
        return windows.Labels.Length != judging.Labels.Length ? null : Enumerable.Range(0, windows.Labels.Length)
            .Average(r => (double)Math.Abs(windows.Features[(r * size) + (place * samples) + samples - 1] - windows.Targets[r]));
    }

    internal static SquaredError ObjectiveOf(LabelledWindows learning, JobOptions options)
    {
        var mean = learning.Targets.Average(static t => (double)t);
        var deviation = Math.Sqrt(learning.Targets.Average(t => (t - mean) * (t - mean)));
        return (float)deviation > 0 ? new((float)mean, (float)deviation) : throw new ProgramException(
            $"--target: all windows of column '{options.Columns.Target}' available for learning have the same value", ExitCode.DataRefused);
    }

    /// <summary>True if not significantly better than the mean on held-out devices, corrected for the number tried; false if too few can
    /// tell.</summary>
    internal static bool KnowsNothing(ValueTrial[] trials, double mean, int tried)
    {
        double[] gains = [.. trials.SelectMany(t => t.Held.Owners.Distinct().Select(owner => t.Held.ErrorOfMean(owner, mean))
            .Zip(t.DeviceErrors, static (without, with) => without - with))];
        if (gains.Length < LeastDevices) { return false; }
        var average = gains.Average();
        var error = Math.Sqrt(gains.Sum(g => (g - average) * (g - average)) / (gains.Length - 1) / gains.Length);
        return !(average > DeviceBounds.Student(2 * Level / tried, gains.Length - 1) * error);      // one-sided
    }

    private static void Say(string text) => Console.Out.WriteLine(text);
}

/// <summary>The chosen model, refitted, with its trial answers.</summary>
internal sealed record ChosenValue(FleetModel Model, FinishedFit Fitted, ValueTrial[] Trials, LabelledWindows Learning,
    LabelledWindows Judging, string Text, bool KnowsNothing);

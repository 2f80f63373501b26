using StreamLearn;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Tables;

namespace Tool;

/// <summary>For one device or all rows on one machine: compares candidates, fits the best to all training rows, scores it on unseen ones
/// and saves it.</summary>
internal static class AloneJob
{
    internal const int MaxHeld = 8;
    private const int MaxTried = 4000;       // windows that candidates are tried on; the chosen one learns from all
    private const int NamesShown = 6;
    private const int LastShare = 5;        // of one device, the last fifth of each class judges
    private const int Blocks = 25;          // of rows by themselves, of which every fifth judges

    internal static int Run(JobOptions options, FleetSource source, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        Begin(options, source);
        var (chosen, learning, judging, text) = Choose(options, source, cancellationToken);
        Say($"  model    {text}");
        var (network, fitted, held, promised) = chosen;
        var weights = fitted.Weights;
        var tried = options.Model == ModelKind.Auto ? FleetModel.AloneCandidatesOf(source).Length : 1;
        var chance = held.Chance(options.Seed, tried);
        if (HeldAnswers.Nothing(chance) is { } nothing) { Say($"  noted    {nothing}"); }
        var scores = options.Bound is null ? null : held.Scores();
        if (options.Bound is { } coverage)
        {
            var unseen = HeldAnswers.Of(network.Network, weights, temperature: 1, judging);
            Say($"  bound    {HeldAnswers.BoundText(coverage, scores, held.Owners.Distinct().Count(), unseen)}");
        }

        var evaluation = Evaluation.Of(network.Network, weights, judging.Sample);
        var result = new AloneResult
        {
            Data = source.Description,
            Seed = options.Seed,
            Model = network.Name,
            Choice = text,
            Accuracy = evaluation.Accuracy,
            Kappa = evaluation.Kappa,
            MacroF1 = evaluation.Matrix.MacroF1,
            Chance = chance,
            LearnedRows = learning.Labels.Length,
            TestRows = evaluation.Rows,
            Epochs = fitted.Epochs,
            Steps = fitted.Steps,
            Ended = fitted.Ended,
            AccuracyOfNow = judging.AccuracyOfNow,
            PromisedInterval = promised is var (low, high) ? [low, high] : [],
            Classes = source.Classes,
            Confusion = evaluation.Confusion,
            People = [.. judging.Judge(network.Network, weights)],
            WallSeconds = Math.Round(TimeProvider.System.GetElapsedTime(started).TotalSeconds, 3),
        };
        AloneText.Write(result, Say);
        if (result.Majority.Beside(result.Accuracy, result.TestRows) is { } trivial) { Say($"  noted    {trivial}"); }
        if (Majority.BesideNow(result.Accuracy, result.AccuracyOfNow) is { } vain) { Say($"  noted    {vain}"); }
        Keep(options, network, weights, scores, result.ToJson());
        return ExitCode.Done;
    }

    internal static void Begin(JobOptions options, FleetSource source, string how = "alone")
    {
        Files.RequireFolder(options.Out);
        Say($"{options.Title}   seed {options.Seed}   {how}");
        Say($"  data     {source.Description}");
        foreach (var note in source.Notes) { Say($"  noted    {note}"); }
    }

    internal static void Keep(JobOptions options, FleetModel model, Weights weights, ConformalScores? scores, string json)
    {
        var file = SavedModel.Write(options, model, weights, exits: null, scores);
        Files.Write(new(Path.Join(options.Out.FullName, "result.json")), json + "\n");
        if (options.Json is not null) { Files.Write(options.Json, json + "\n"); }
        Say($"  saved    {file}");
        if (options.AnswerCommand(file) is { } command) { Say($"  answers  {command}"); }
    }

    /// <summary>Refits the chosen candidate to all training rows.</summary>
    internal static (Chosen Chosen, LabelledWindows Learning, LabelledWindows Judging, string Text) Choose(
        JobOptions options, FleetSource source, CancellationToken cancellationToken)
    {
        IEnumerable<ModelKind> kinds = options.Model == ModelKind.Auto ? FleetModel.AloneCandidatesOf(source) : [options.Model];
        var rows = new List<(LabelledWindows Learning, LabelledWindows Judging)>();
        FleetModel[] models = [.. kinds.Select(kind =>
        {
            var model = FleetModel.Of(kind, source, options.Seed);
            rows.Add(Split(model.Source, options));     // of the first, which needs no sample, too few windows are said
            return model;
        })];
        var parts = models.Zip(rows, (model, r) =>
            FoldsOf(r.Learning, options.Bound is null && !Trial.IsRidge(model) ? MaxHeld : int.MaxValue, source.IsByRow)).ToArray();
        var folds = parts.Min(static p => p.Count);         // that all models are judged by
        if (parts[0].Find(static p => p.Held.Labels.Length == 0 || p.Learning.Labels.Distinct().Count() < 2) is { Learning: { } few })
        {
            throw new ProgramException(FormattableString.Invariant(
                $"{options.RowsOption}: expected windows of two classes after some are left out to judge a model by, got ")
                + FormattableString.Invariant($"{few.Labels.Length}; {OwnFleet.Shorter}"), ExitCode.DataRefused);
        }

        var (trials, done) = (parts.Select(static p => new Trial[p.Count][]).ToArray(), 0);
        (int Model, int Fold)[] all = [.. trials.SelectMany(static (t, m) => t.Select((_, fold) => (m, fold)))];
        Parallel.ForEach(all, new ParallelOptions { CancellationToken = cancellationToken }, trial =>
        {
            var (model, (learning, held)) = (models[trial.Model], parts[trial.Model][trial.Fold]);
            trials[trial.Model][trial.Fold] = Trial.Of(model, Tried(learning), held, options.Seed,
                LineOf($"{model.Name}, trial {1 + trial.Fold} of {parts[trial.Model].Count}", TimeProvider.System, Say,
                    () => (Volatile.Read(ref done), all.Length)), cancellationToken);
            Interlocked.Increment(ref done);
        });
        var best = trials.Select(t => Trial.Best(t)[..folds]).ToArray();
        var candidates = best.Select(static t => Candidate.Over([.. t.Select(static t => t.Candidate)])).ToArray();
        var at = Array.IndexOf(candidates, ModelSearch.Choose(candidates));
        var where = source.Devices.Length > 1
            ? FormattableString.Invariant($"on {candidates[at].Accuracies.Length} devices left out") : "on rows left out";
        var fitted = Trial.Finish(models[at], rows[at].Learning, best[at], options.Seed,
            new(TimeProvider.System, Say, models[at].Name), cancellationToken);
        var promised = DeviceBounds.Of(candidates[at], source.Unseen.Length, candidates.Length);
        var text = ModelSearch.Text(candidates, candidates[at], where, source.Unseen.Length);
        var held = HeldAnswers.Over([.. best[at].Select(static t => t.Answers)]);
        return (new(models[at], fitted, held, promised), rows[at].Learning, rows[at].Judging, text);
    }

    /// <summary>Every n-th if there are many.</summary>
    internal static LabelledWindows Tried(LabelledWindows learning) =>
        (learning.Labels.Length + MaxTried - 1) / MaxTried is > 1 and var every ? learning.Where(r => r % every == 0) : learning;

    /// <summary>Trials run in parallel, so each line shows the progress of all.</summary>
    internal static FitLine LineOf(string name, TimeProvider clock, Action<string> say, Func<(int Done, int All)> trials) =>
        new(clock, text =>
        {
            var (done, all) = trials();
            say(text + FormattableString.Invariant($"   ({done} of {all} trials done, side by side)"));
        }, name);

    /// <summary>Scores unseen devices, or the last fifth of each class of a single device.</summary>
    /// <exception cref="ProgramException">Too few labeled windows.</exception>
    internal static (LabelledWindows Learning, LabelledWindows Judging) Split(FleetSource source, JobOptions options)
    {
        var (learning, judging) = Parted(source, options.Seed);
        if (learning.Labels.Distinct().Count() >= 2 && judging.Labels.Length > 0) { return (learning, judging); }
        if (learning.Labels.Length > 0 && judging.Labels.Length > 0 && !source.Unseen.IsEmpty)
        {
            throw new ProgramException($"{options.RowsOption}: expected windows of two classes to learn from, got "
                + $"{source.Classes[learning.Labels[0]]} alone: {string.Join(", ", source.Unseen.Take(NamesShown))} judge, and have the "
                + "others; --device none takes the last fifth of each class to judge, --unseen names other devices", ExitCode.DataRefused);
        }

        throw new ProgramException(FormattableString.Invariant(
            $"{options.RowsOption}: expected windows of two classes to learn from and some to judge by, got {learning.Labels.Length} and ")
            + FormattableString.Invariant($"{judging.Labels.Length}: a window is {source.WindowSamples} rows ")
            + (source.ForecastsClasses ? "after whose last a label comes later, " : "of one label, ") + OwnFleet.Shorter,
            ExitCode.DataRefused);
    }

    internal static (LabelledWindows Learning, LabelledWindows Judging) Parted(FleetSource source, long seed)
    {
        var all = LabelledWindows.Collect(source, source.Devices, seed);
        return source.Unseen.IsEmpty ? Last(all, source.IsByRow) : (all, LabelledWindows.Collect(source, source.Unseen, seed));
    }

    /// <summary>Folds of a fifth: devices until eight or all were held out, or the last windows of a single device.
    /// <paramref name="byRow"/>: single rows.</summary>
    internal static List<(LabelledWindows Learning, LabelledWindows Held)> FoldsOf(LabelledWindows all, int mostHeld, bool byRow = false)
    {
        var owners = all.Owners.Distinct().ToList();
        if (owners.Count == 1) { return [Last(all, byRow)]; }
        return ModelSearch.Folds(owners.Count, mostHeld).ConvertAll(fold =>
        {
            var held = owners.Where((_, i) => fold.Contains(i)).ToHashSet();
            return (all.Where(r => !held.Contains(all.Owners[r])), all.Where(r => held.Contains(all.Owners[r])));
        });
    }

    /// <summary>Holds out the last fifth of each class and drops the window overlapping both. Single rows may be sorted, such as by target:
    /// holds out five blocks spread over each class.</summary>
    private static (LabelledWindows Learning, LabelledWindows Last) Last(LabelledWindows all, bool byRow)
    {
        var (learned, held) = (new HashSet<int>(), new HashSet<int>());
        if (byRow)
        {
            foreach (var rows in Enumerable.Range(0, all.Labels.Length).GroupBy(r => all.Labels[r]).Select(static g => g.ToList()))
            {
                held.UnionWith(rows.Where((_, i) => (long)i * Blocks / rows.Count % LastShare == LastShare / 2));
                if (rows.Count > 1 && !rows.Exists(held.Contains)) { held.Add(rows[rows.Count / 2]); }
            }

            return (all.Where(r => !held.Contains(r)), all.Where(held.Contains));
        }

        foreach (var rows in Enumerable.Range(0, all.Labels.Length).GroupBy(r => all.Labels[r]).Select(static g => g.ToList()))
        {
            var first = rows.Count - Math.Max(rows.Count / LastShare, Math.Min(1, rows.Count - 1));
            learned.UnionWith(rows.Take(Math.Max(1, first - 1)));
            held.UnionWith(rows.Skip(first));
        }

        return (all.Where(learned.Contains), all.Where(held.Contains));
    }

    /// <summary>The chosen model, refitted, with its trial answers.</summary>
    internal sealed record Chosen(FleetModel Model, FinishedFit Fitted, HeldAnswers Held, (double Low, double High)? Promised);

    private static void Say(string text) => Console.Out.WriteLine(text);
}

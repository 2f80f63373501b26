using System.Numerics.Tensors;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Programs;

namespace Tool;

/// <summary>One device, or one machine with the rows of all: candidates are fitted, the better one is fitted to all that may be learned
/// from, judged on what none has seen, and saved.</summary>
internal static class AloneJob
{
    private const int Epochs = 30;
    private const int LinearEpochs = 30;        // enough for softmax regression, whose loss has one minimum
    private const int Patience = 6;
    private const int MaxHeld = 8;
    private const int MaxTried = 4000;      // windows that candidates are tried on; the chosen one learns from all
    private const int LastShare = 5;        // of one device, the last fifth of each class judges

    internal static int Run(JobOptions options, FleetSource source, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        Files.RequireFolder(options.Out);
        Say($"{options.Title}   seed {options.Seed}   alone");
        Say($"  data     {source.Description}");
        foreach (var note in source.Notes) { Say($"  noted    {note}"); }
        var (chosen, learning, judging, text) = Choose(options, source, cancellationToken);
        Say($"  model    {text}");
        var (network, weights, epochs, held) = chosen;
        var chance = held.Chance(options.Seed);
        if (chance > HeldAnswers.Level) { Say(FormattableString.Invariant($"  noted    nothing to learn here: {Nothing(chance)}")); }
        var scores = options.Bound is null ? null : held.Scores();
        if (options.Bound is { } coverage)
        {
            Say($"  bound    {BoundText(coverage, scores, held.Owners.Distinct().Count(), chosen, judging)}");
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
            Epochs = epochs,
            Classes = source.Classes,
            Confusion = evaluation.Confusion,
            People = [.. judging.Judge(network.Network, weights)],
            WallSeconds = Math.Round(TimeProvider.System.GetElapsedTime(started).TotalSeconds, 3),
        };
        AloneText.Write(result, Say);
        var file = SavedModel.Write(options, network, weights, exits: null, scores);
        Files.Write(new(Path.Join(options.Out.FullName, "result.json")), result.ToJson() + "\n");
        if (options.Json is not null) { Files.Write(options.Json, result.ToJson() + "\n"); }
        Say($"  saved    {file}");
        if (options.Rows is not null) { Say($"  answers  {SavedModel.Command(file, options)}"); }
        return ExitCode.Done;
    }

    /// <summary>Tries the candidates, and fits the chosen one to all rows that may be learned from.</summary>
    private static (Chosen Chosen, LabelledWindows Learning, LabelledWindows Judging, string Text) Choose(
        JobOptions options, FleetSource source, CancellationToken cancellationToken)
    {
        IEnumerable<ModelKind> kinds = options.Model == ModelKind.Auto ? FleetModel.Candidates : [options.Model];
        FleetModel[] models = [.. kinds.Select(kind => FleetModel.Of(kind, source, options.Seed))];
        var rows = models.Select(m => Split(m.Source, options)).ToArray();
        var parts = rows.Select(r => FoldsOf(r.Learning, options.Bound is null ? MaxHeld : int.MaxValue)).ToArray();
        var folds = parts[0].Count;
        var tried = new Trial[models.Length * folds];
        Parallel.For(0, tried.Length, new() { CancellationToken = cancellationToken }, i =>
        {
            var model = models[i / folds];
            var (learning, held) = parts[i / folds][i % folds];
            var every = (learning.Labels.Length + MaxTried - 1) / MaxTried;
            if (every > 1) { learning = learning.Where(r => r % every == 0); }
            tried[i] = Try(model, learning, held, options, cancellationToken);
        });
        var candidates = tried.Chunk(folds).Select(static t => Candidate.Over([.. t.Select(static t => t.Candidate)])).ToArray();
        var chosen = candidates.Aggregate(ModelSearch.Better);
        var best = Array.IndexOf(candidates, chosen);
        var where = source.Devices.Length > 1 ? $"on devices left out, {folds} times" : "on rows left out";
        var trials = tried[(best * folds)..][..folds];
        var (weights, epochs) = Finish(models[best], rows[best].Learning, trials, options, cancellationToken);
        var text = ModelSearch.Text(candidates, chosen.Model, where);
        var held = HeldAnswers.Over([.. trials.Select(static t => t.Answers)]);
        return (new(models[best], weights, epochs, held), rows[best].Learning, rows[best].Judging, text);
    }

    /// <summary>Fits the chosen model as its trials say: with their temperature, or as many epochs.</summary>
    private static (Weights Weights, int Epochs) Finish(
        FleetModel model, LabelledWindows learning, Trial[] trials, JobOptions options, CancellationToken cancellationToken)
    {
        var rows = new RecordedRows(learning.Features, learning.Labels);
        if (IsRidge(model)) { return (model.Network.FitRidge(rows, Math.Exp(trials.Average(static t => Math.Log(t.Temperature)))), 1); }
        var epochs = (int)Math.Round(trials.Average(static t => t.Epochs));
        var fit = model.Network.Fit(
            rows, new() { Epochs = epochs, ValidationShare = 0, Seed = options.Seed }, new FitLine(Say), cancellationToken);
        return (fit.Weights, fit.BestEpoch);
    }

    private static bool IsRidge(FleetModel model) => model.Source.Preparation.Kind == ModelKind.Rocket;

    private static Trial Try(
        FleetModel model, LabelledWindows learning, LabelledWindows held, JobOptions options, CancellationToken cancellationToken)
    {
        if (IsRidge(model))
        {
            var weights = model.Network.FitRidge(new(learning.Features, learning.Labels));
            var temperature = TemperatureOf(model.Network, weights, held);
            return new(1, temperature, Candidate.Of(model.Name, held, model.Network, weights),
                HeldAnswers.Of(model.Network, weights, temperature, held));
        }

        var fit = Fit(model, learning, held, options, cancellationToken);
        return new(fit.BestEpoch, 1, Candidate.Of(model.Name, held, model.Network, fit.Weights),
            HeldAnswers.Of(model.Network, fit.Weights, temperature: 1, held));
    }

    private static float TemperatureOf(Network network, Weights weights, LabelledWindows held)
    {
        var logits = new float[held.Labels.Length * network.Plan.Outputs];
        network.Infer(weights.Values.AsSpan(), held.Sample, logits, new());
        TensorPrimitives.Log(logits, logits);       // of shares: scores, but for a number that is the same for all classes
        return TemperatureScaling.Fit(logits, held.Labels);
    }

    private static FitResult Fit(
        FleetModel model, LabelledWindows learning, LabelledWindows held, JobOptions options, CancellationToken cancellationToken)
    {
        if (model.Network.Layers.Length == 1)
        {
            return model.Network.Fit(new(learning.Features, learning.Labels),
                new() { Epochs = LinearEpochs, ValidationShare = 0, Seed = options.Seed }, progress: null, cancellationToken);
        }

        var rows = new RecordedRows((float[])[.. learning.Features, .. held.Features], (int[])[.. learning.Labels, .. held.Labels])
        {
            Groups = (int[])[.. new int[learning.Labels.Length], .. Enumerable.Repeat(1, held.Labels.Length)],
        };
        return model.Network.Fit(rows, new() { Epochs = Epochs, Patience = Patience, ValidationGroups = [1], Seed = options.Seed },
            progress: null, cancellationToken);
    }

    /// <summary>What may be learned from, and what judges: devices that are unseen, or of one device the last fifth of each
    /// class.</summary>
    /// <exception cref="ProgramException">There are too few windows with a label.</exception>
    internal static (LabelledWindows Learning, LabelledWindows Judging) Split(FleetSource source, JobOptions options)
    {
        var all = LabelledWindows.Collect(source, source.Devices, options.Seed);
        var (learning, judging) = source.Unseen.IsEmpty ? Last(all) : (all, LabelledWindows.Collect(source, source.Unseen, options.Seed));
        if (learning.Labels.Distinct().Count() >= 2 && judging.Labels.Length > 0) { return (learning, judging); }
        throw new ProgramException(FormattableString.Invariant(
            $"{options.RowsOption}: expected windows of two classes to learn from and some to judge by, got {learning.Labels.Length} and ")
            + FormattableString.Invariant($"{judging.Labels.Length}: a window is {source.WindowSamples} rows of one label, ")
            + "--window SECONDS makes shorter ones", ExitCode.DataRefused);
    }

    /// <summary>Ways to leave a fifth out: of several devices some, until eight have been, or all; of one the last rows.</summary>
    private static List<(LabelledWindows Learning, LabelledWindows Held)> FoldsOf(LabelledWindows all, int mostHeld)
    {
        var owners = all.Owners.Distinct().ToList();
        if (owners.Count == 1) { return [Last(all)]; }
        var every = Math.Min(LastShare, owners.Count);
        var folds = (Math.Min(mostHeld, owners.Count) + (owners.Count / every) - 1) / (owners.Count / every);
        return [.. Enumerable.Range(0, Math.Min(every, folds)).Select(f =>
        {
            var held = owners.Where((_, i) => i % every == f).ToHashSet();
            return (all.Where(r => !held.Contains(all.Owners[r])), all.Where(r => held.Contains(all.Owners[r])));
        })];
    }

    /// <summary>Parts off the last fifth of each class in the order of time; the window between overlaps both, and is left out.</summary>
    private static (LabelledWindows Learning, LabelledWindows Last) Last(LabelledWindows all)
    {
        var (learned, held) = (new HashSet<int>(), new HashSet<int>());
        foreach (var rows in Enumerable.Range(0, all.Labels.Length).GroupBy(r => all.Labels[r]).Select(static g => g.ToList()))
        {
            var first = rows.Count - (rows.Count / LastShare);
            learned.UnionWith(rows.Take(rows.Count < LastShare ? rows.Count : first - 1));
            held.UnionWith(rows.Skip(first));
        }

        return (all.Where(learned.Contains), all.Where(held.Contains));
    }

    /// <summary>What came of learning from a part of the devices.</summary>
    private sealed record Trial(int Epochs, float Temperature, Candidate Candidate, HeldAnswers Answers);

    /// <summary>What was chosen, fitted to all that may be learned from, with the answers of its trials.</summary>
    private sealed record Chosen(FleetModel Model, Weights Weights, int Epochs, HeldAnswers Held);

    private static string Nothing(double chance) => FormattableString.Invariant(
        $"on what was left out, {100 * chance:0.#} % of random pairings of answers and labels are as right");

    /// <summary>What sets of classes hold, on devices that nobody learned from; or why there are none.</summary>
    private static string BoundText(double coverage, ConformalScores? scores, int devices, Chosen chosen, LabelledWindows judging)
    {
        if (scores is null)
        {
            return FormattableString.Invariant($"none: expected at least {ConformalScores.MinGroups} devices to judge by, got {devices}");
        }

        var (covered, classes) = HeldAnswers.Of(chosen.Model.Network, chosen.Weights, temperature: 1, judging).Within(scores.At(coverage));
        return FormattableString.Invariant($"{coverage:P0} promised by {scores.Groups} devices; on the unseen the right class is in ")
            + FormattableString.Invariant($"{covered:P1} of the sets, of {classes:0.00} classes in the mean");
    }

    private static void Say(string text) => Console.Out.WriteLine(text);

    /// <summary>Every tenth epoch is a line.</summary>
    private sealed class FitLine(Action<string> say) : IProgress<FitEpoch>
    {
        public void Report(FitEpoch value)
        {
            if (value.Epoch % 10 == 0 || value.Epoch == value.Epochs) { say($"  {value}"); }
        }
    }
}

using StreamLearn.Learning;

namespace Quickstart;

/// <summary>One device, or one machine with the rows of all: candidates are fitted, the better one is fitted to all that may be learned
/// from, judged on what none has seen, and saved.</summary>
internal static class AloneJob
{
    private const int Epochs = 40;
    private const int Patience = 8;
    private const int LastShare = 5;        // of one device, the last fifth of each class judges

    internal static int Run(QuickstartOptions options, FleetSource source, CancellationToken cancellationToken)
    {
        var started = TimeProvider.System.GetTimestamp();
        Files.RequireFolder(options.Out);
        Say($"StreamLearn quickstart   seed {options.Seed}   alone");
        Say($"  data     {source.Description}");
        var (chosen, learning, judging, text) = Choose(options, source, cancellationToken);
        Say($"  model    {text}");
        var (network, fit) = chosen;
        var evaluation = Evaluation.Of(network.Network, fit.Weights, judging.Sample);
        var result = new AloneResult
        {
            Data = source.Description,
            Seed = options.Seed,
            Model = network.Name,
            Choice = text,
            Accuracy = evaluation.Accuracy,
            Kappa = evaluation.Kappa,
            MacroF1 = evaluation.Matrix.MacroF1,
            LearnedRows = learning.Labels.Length,
            TestRows = evaluation.Rows,
            Epochs = fit.BestEpoch,
            Classes = source.Classes,
            Confusion = evaluation.Confusion,
            People = [.. judging.Names.Select((name, owner) => Person(name, owner, judging, network.Network, fit.Weights))
                .Where(static p => p.Rows > 0)],
            WallSeconds = Math.Round(TimeProvider.System.GetElapsedTime(started).TotalSeconds, 3),
        };
        AloneText.Write(result, Say);
        var file = SavedModel.Write(options, network, fit.Weights, rule: null);
        Files.Write(new(Path.Join(options.Out.FullName, "result.json")), result.ToJson() + "\n");
        if (options.Json is not null) { Files.Write(options.Json, result.ToJson() + "\n"); }
        Say($"  saved    {file}");
        if (options.Csv is { } csv) { Say($"  answers  dotnet run -c Release --project Examples/Quickstart -- --answer {file} --csv '{csv}'"); }
        return ExitCode.Done;
    }

    /// <summary>Fits the candidates, and the chosen one again to all rows that may be learned from.</summary>
    private static ((FleetModel Model, FitResult Fit), LabelledWindows Learning, LabelledWindows Judging, string Text) Choose(
        QuickstartOptions options, FleetSource source, CancellationToken cancellationToken)
    {
        FleetModel[] models = options.Model switch
        {
            ModelKind.Conv => [FleetModel.Conv(source, options.Seed)],
            ModelKind.Features => [FleetModel.Features(source, options.Seed)],
            _ => [FleetModel.Features(source, options.Seed), FleetModel.Conv(source, options.Seed)],
        };
        var rows = models.Select(m => Split(m.Source, options.Seed)).ToArray();
        var tried = new (FitResult Fit, Candidate Candidate)[models.Length];
        Parallel.For(0, models.Length, new() { CancellationToken = cancellationToken }, i =>
        {
            var (learning, held) = Held(rows[i].Learning);
            var fit = Fit(models[i], learning, held, options, progress: null, cancellationToken);
            tried[i] = (fit, Candidate.Of(models[i].Name, held, models[i].Network, fit.Weights));
        });
        var name = tried.Length == 1 ? models[0].Name : ModelSearch.Better(tried[0].Candidate, tried[1].Candidate);
        var best = Array.FindIndex(models, m => m.Name == name);
        var text = ModelSearch.Text([.. tried.Select(static t => t.Candidate)], name,
            $"on {(source.Devices.Length > 1 ? "devices" : "rows")} that were left out");
        var all = rows[best].Learning;
        var final = models[best].Network.Fit(new(all.Features, all.Labels), new()
        {
            Epochs = tried[best].Fit.BestEpoch,
            ValidationShare = 0,
            Seed = options.Seed,
            ClassNames = source.Classes,
        }, new FitLine(Say), cancellationToken);
        return ((models[best], final), all, rows[best].Judging, text);
    }

    private static FitResult Fit(FleetModel model, LabelledWindows learning, LabelledWindows held, QuickstartOptions options,
        IProgress<FitEpoch>? progress, CancellationToken cancellationToken)
    {
        var rows = new RecordedRows((float[])[.. learning.Features, .. held.Features], (int[])[.. learning.Labels, .. held.Labels])
        {
            Groups = (int[])[.. new int[learning.Labels.Length], .. Enumerable.Repeat(1, held.Labels.Length)],
        };
        return model.Network.Fit(rows, new() { Epochs = Epochs, Patience = Patience, ValidationGroups = [1], Seed = options.Seed }, progress,
            cancellationToken);
    }

    /// <summary>What may be learned from, and what judges: devices that are unseen, or of one device the last fifth of each class.</summary>
    /// <exception cref="QuickstartException">There are too few windows with a label.</exception>
    private static (LabelledWindows Learning, LabelledWindows Judging) Split(FleetSource source, long seed)
    {
        var all = LabelledWindows.Collect(source, source.Devices, seed);
        var (learning, judging) = source.Unseen.IsEmpty ? Last(all) : (all, LabelledWindows.Collect(source, source.Unseen, seed));
        if (learning.Labels.Distinct().Count() >= 2 && judging.Labels.Length > 0) { return (learning, judging); }
        throw new QuickstartException(FormattableString.Invariant(
            $"--csv: expected windows of two classes to learn from and some to judge by, got {learning.Labels.Length} and ")
            + FormattableString.Invariant($"{judging.Labels.Length}: a window is {source.WindowSamples} rows of one label, --window SECONDS ")
            + "makes shorter ones", ExitCode.DataRefused);
    }

    /// <summary>Of several devices one of five, of one the last fifth of each class.</summary>
    private static (LabelledWindows Learning, LabelledWindows Held) Held(LabelledWindows all)
    {
        var devices = all.Owners.Distinct().Count();
        var every = Math.Max(2, Math.Min(LastShare, devices));
        return devices == 1 ? Last(all) : (all.Where(r => all.Owners[r] % every != every - 1), all.Where(r =>
            all.Owners[r] % every == every - 1));
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

    private static PersonJudged Person(string name, int owner, LabelledWindows judging, Network network, Weights weights)
    {
        var own = judging.Where(r => judging.Owners[r] == owner);
        var evaluation = own.Labels.Length == 0 ? null : Evaluation.Of(network, weights, own.Sample);
        return new() { Name = name, Rows = evaluation?.Rows ?? 0, Correct = evaluation?.Correct ?? 0 };
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

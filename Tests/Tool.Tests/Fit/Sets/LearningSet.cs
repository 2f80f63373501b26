using System.CommandLine;
using StreamLearn.Tables;

namespace Tool.Tests;

/// <summary>Labelled rows in files, as somebody gives them to <c>streamlearn fit</c>. <paramref name="Rows"/>: writes them to a folder,
/// unless they are files already, and says which they are; null: they are not here.</summary>
internal sealed record LearningSet(string Name, Func<TemporaryFolder, string?> Rows, params string[] Words)
{
    private const int Folds = 5;

    /// <summary>Ways in which a fifth of the devices judges while the others learn, each device once; of one device the last rows judge.
    /// </summary>
    internal List<Split> Splits(TemporaryFolder folder) => Splits(folder, Folds, (devices, f) =>
        Shuffled([.. devices]) is var shuffled && f < shuffled.Length ? [.. shuffled.Where((_, i) => i % Folds == f)] : []);

    /// <summary><paramref name="judges"/>: which devices judge a split; none: there is no such split.</summary>
    internal List<Split> Splits(TemporaryFolder folder, int count, Func<IEnumerable<string>, int, string[]> judges)
    {
        if (Rows(folder) is not { } files) { return []; }
        string[] words = ["--csv", files, .. Words, "--alone"];
        var options = OptionsOf(words);
        var rows = OwnRows.Read(OwnRows.Complete(FirstLook.At(options.Look)));
        var all = OwnFleet.Of(rows, options);
        string[] devices = [.. all.Devices, .. all.Unseen];
        if (devices.Length == 1) { return [new(all, options, words)]; }
        return [.. Enumerable.Range(0, count).Select(f => judges(devices, f)).Where(static held => held.Length > 0).Select(held =>
        {
            string[] split = [.. words, "--unseen", string.Join(',', held)];
            return new Split(OwnFleet.Of(rows, OptionsOf(split)), OptionsOf(split), split);
        })];
    }

    internal static JobOptions OptionsOf(string[] words)
    {
        var (command, choices) = (new Command("fit"), new FitChoices());
        choices.AddTo(command);
        return choices.Of(command.Parse(words));
    }

    private string[] Shuffled(string[] devices)
    {
        var random = new RandomStream(0, $"devices of {Name}");
        for (var i = devices.Length - 1; i > 0; i--)
        {
            var other = random.NextInt32(i + 1);
            (devices[i], devices[other]) = (devices[other], devices[i]);
        }

        return devices;
    }

    /// <summary>Who learns and who judges, and the words that say so to the program.</summary>
    internal sealed record Split(FleetSource Source, JobOptions Options, string[] Words)
    {
        /// <summary>The windows as a kind of model takes them.</summary>
        internal (FleetModel Model, FitWindows Learning, FitWindows Judging) As(ModelKind kind)
        {
            var model = FleetModel.Of(kind, Source, Options.Seed);
            var (learning, judging) = FitSplit.Of(model.Source.ToRows(), Options.Seed);
            return (model, learning, judging);
        }
    }
}

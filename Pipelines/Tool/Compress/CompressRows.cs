using StreamLearn.Learning;
using StreamLearn.Operators;
using StreamLearn.Samples;
using StreamLearn.Simulation;
using StreamLearn.Tables;

namespace Tool;

internal sealed record CompressRows(RecordedRows Known, RecordedRows Unseen, CompressJudges Judges)
{
    private const int Step = 4;             // one row in four of a file is held out
    private const int KnownPeople = 12;

    /// <summary>Uses one row in four for scoring.</summary>
    /// <exception cref="RowsException">The rows do not fit the model, or have no label of the model or no value.</exception>
    internal static CompressRows Of(string csv, LoadedModel model, string label)
    {
        var plan = model.Model.Plan;
        if (!File.Exists(csv)) { throw new RowsException("expected one file, with rows in the model's input format"); }
        using var file = File.OpenText(csv);
        var rows = new CsvRows(file, plan.Input, ModelText.Columns(model), label);
        List<(float[] Row, string Label)> all = [];
        for (var row = new float[plan.Input.Size]; rows.Next(row); row = new float[plan.Input.Size]) { all.Add((row, rows.Label)); }
        return all.Count >= Step ? new(Part(isKnown: true), Part(isKnown: false), CompressJudges.OneInFour)
            : throw new RowsException($"expected at least {Step} rows, got {all.Count}");

        RecordedRows Part(bool isKnown)
        {
            var part = all.Where((_, i) => i % Step != Step - 1 == isKnown).ToList();
            float[] features = [.. part.SelectMany(static r => r.Row)];
            return plan.Target == TargetKind.Value ? new(features, part.Select(static r => ValueOf(r.Label)).ToArray())
                : new(features, part.Select(r => ClassOf(r.Label, model)).ToArray());
        }
    }

    /// <summary>Prepares rows as for training. Scores devices that the model never saw, or for a single device the last fifth of each
    /// class. <paramref name="unseen"/>: the devices to score; null: by the model's card.</summary>
    /// <exception cref="ProgramException">A file is unreadable, or its rows do not fit.</exception>
    internal static CompressRows OfSensors(
        TableOptions asked, LoadedModel model, Preparation preparation, string? unseen)
    {
        var (isOfValues, learned) = (model.Model.Plan.Target == TargetKind.Value, LearnedDevices.Of(model.Card));
        var look = asked.AsLearned(model.Card);
        if (look.Device is null && learned?.Column == LearnedDevices.File) { look = look with { Device = LearnedDevices.File }; }
        var own = ModelRows.Read(look, model.Card, preparation, isOfValues);
        var rows = ModelRows.Of(own, preparation,
            unseen is null ? CompressJudges.Of([.. own.Devices.Select(static d => d.Name)], learned) : [unseen]);
        var (known, judging) = FitSplit.Of(rows, ModelRows.Seed);
        var judges = CompressJudges.Of(rows, learned);
        if (isOfValues) { return new(known.Rows, judging.Rows with { Groups = judging.Owners }, judges); }
        var classes = rows.Classes.Select(name => ClassOf(name, model)).ToList();
        return new(Rows(known), Rows(judging) with { Groups = judging.Owners }, judges);

        RecordedRows Rows(FitWindows windows) => new(windows.Features, windows.Labels.Select(k => classes[k]).ToArray());
    }

    private static int ClassOf(string name, LoadedModel model)
    {
        var known = model.Card.Labels.IndexOf(name);
        if (known < 0 && !int.TryParse(name, out known)) { throw new RowsException($"expected a label of the model, got '{name}'"); }
        return (uint)known < (uint)model.Model.Plan.Classes ? known
            : throw new RowsException($"expected a label below {model.Model.Plan.Classes}, got '{name}'");
    }

    private static float ValueOf(string text) => float.TryParse(text, CultureInfo.InvariantCulture, out var value) && float.IsFinite(value)
        ? value : throw new RowsException($"expected a number as the value, got '{text}'");

    /// <summary>Generates people as in the quickstart; scores other people.</summary>
    internal static CompressRows Generated() => new(People(0, KnownPeople), People(100, KnownPeople), CompressJudges.Generated);

    private static RecordedRows People(int first, int people)
    {
        var collector = new RowCollector(HarNetwork.Samples);
        using var world = new VirtualWorld();
        for (var person = first; person < first + people; person++)
        {
            world.Add(Pipeline.Define($"person-{person}", p => p
                .FromHarStream(new() { User = person, Seed = 1, SpeedUp = double.PositiveInfinity })
                .Window(HarNetwork.Samples, HarNetwork.Samples / 2).ForEach("collect", collector.Add)));
        }

        world.RunToEnd();
        return collector.ToRows();
    }
}

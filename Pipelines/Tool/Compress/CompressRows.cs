using StreamLearn;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Operators;
using StreamLearn.Samples;
using StreamLearn.Simulation;

namespace Tool;

/// <summary>Rows to learn from, and rows that models are scored on.</summary>
/// <param name="Known">Rows to learn from.</param>
/// <param name="Unseen">The others.</param>
internal sealed record CompressRows(RecordedRows Known, RecordedRows Unseen)
{
    private const int Step = 4;             // of the rows of a file, one in four is not learned from
    private const int KnownPeople = 12;

    /// <summary>The rows of a file as the model takes them; one in four is scored.</summary>
    /// <exception cref="RowsException">They are not such rows, or have no label that the model has.</exception>
    internal static CompressRows Of(TextReader csv, LoadedModel model, string label)
    {
        var plan = model.Model.Plan;
        var rows = new CsvRows(csv, plan.Input, ModelText.Columns(model), label);
        var all = (Known: new Collected(), Unseen: new Collected());
        var row = new float[plan.Input.Size];
        for (var i = 0; rows.Next(row); i++)
        {
            var name = rows.Label;
            var known = model.Card.Labels.IndexOf(name);
            if (known < 0 && !int.TryParse(name, out known)) { throw new RowsException($"expected a label of the model, got '{name}'"); }
            if ((uint)known >= (uint)plan.Classes) { throw new RowsException($"expected a label below {plan.Classes}, got '{name}'"); }
            (i % Step == Step - 1 ? all.Unseen : all.Known).Add(row, known);
        }

        return all.Unseen.Count > 0 ? new(all.Known.ToRows(), all.Unseen.ToRows())
            : throw new RowsException($"expected at least {Step} rows, got {all.Known.Count}");
    }

    /// <summary>Windows of generated people, as the quickstart has them; other people are scored.</summary>
    internal static CompressRows Generated() => new(People(0, KnownPeople), People(100, KnownPeople));

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

    private sealed class Collected
    {
        private readonly List<float> _features = [];
        private readonly List<int> _labels = [];

        internal int Count => _labels.Count;

        internal void Add(ReadOnlySpan<float> row, int label)
        {
            _features.AddRange(row);
            _labels.Add(label);
        }

        internal RecordedRows ToRows() => new(_features.ToArray(), _labels.ToArray());
    }
}

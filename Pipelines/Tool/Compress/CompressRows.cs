using System.Collections.Immutable;
using StreamLearn.Learning;
using StreamLearn.Operators;
using StreamLearn.Samples;
using StreamLearn.Simulation;
using StreamLearn.Tables;

namespace Tool;

internal sealed record CompressRows(RecordedRows Known, RecordedRows Unseen)
{
    private const int Step = 4;             // one row in four of a file is held out
    private const int KnownPeople = 12;
    private const double SameRate = 0.1;    // allowed relative deviation of the rate

    /// <summary>One row in four is for scoring.</summary>
    /// <exception cref="RowsException">Not such rows, or no label of the model, or no value.</exception>
    internal static CompressRows Of(string csv, LoadedModel model, string label)
    {
        var plan = model.Model.Plan;
        if (!File.Exists(csv)) { throw new RowsException("expected one file, with rows in the model's input format"); }
        using var file = File.OpenText(csv);
        var rows = new CsvRows(file, plan.Input, ModelText.Columns(model), label);
        var all = (Known: new Collected(), Unseen: new Collected());
        var row = new float[plan.Input.Size];
        for (var i = 0; rows.Next(row); i++)
        {
            var part = i % Step == Step - 1 ? all.Unseen : all.Known;
            if (plan.Target == TargetKind.Value) { part.Add(row, ValueOf(rows.Label)); }
            else { part.Add(row, ClassOf(rows.Label, model)); }
        }

        return all.Unseen.Count > 0 ? new(all.Known.ToRows(), all.Unseen.ToRows())
            : throw new RowsException($"expected at least {Step} rows, got {all.Known.Count}");
    }

    /// <summary>Prepared as for training. Scores devices that <c>fit</c> leaves unseen; of a single device the last fifth of each
    /// class.</summary>
    /// <exception cref="ProgramException">Unreadable, or not such rows.</exception>
    internal static CompressRows OfSensors(string csv, LoadedModel model, Preparation preparation, string? label)
    {
        var isByRow = preparation.WindowRows == 1;
        var rate = preparation.RowsPerSecond ?? 1;
        var isOfValues = model.Model.Plan.Target == TargetKind.Value;
        var look = new LookOptions
        {
            TakesAll = true,        // each column may be a channel: the model says which are
            Csv = csv,
            Label = isOfValues ? null : label,
            Target = isOfValues ? label ?? TargetCard.Of(model.Card)?.Name : null,
            Ahead = TargetCard.Of(model.Card)?.Ahead,
            EachRow = isByRow,
        };
        if (label is null && !isOfValues) { look = look with { Label = LabelOf(look, model.Card.Labels) }; }
        var columns = OwnRows.Complete(FirstLook.At(look, isByRow ? null : rate));
        if (!isByRow && Math.Abs((columns.Rate!.Value / rate) - 1) > SameRate)
        {
            throw new ProgramException(FormattableString.Invariant(
                $"{columns.Files.Option}: expected {rate:0.###} rows per second, the rate that the model was trained at; got ")
                    + FormattableString.Invariant($"{columns.Rate:0.###}"),
                ExitCode.DataRefused);
        }

        columns = columns with { Channels = [.. AnswerRows.ChannelsOf(columns, preparation)] };
        TableFitOptions options = new() { EachRow = isByRow, WindowSeconds = isByRow ? null : preparation.WindowRows / rate };
        var rows = FitRoles.Of(OwnRows.Read(columns), options) with
        {
            Preparation = preparation with { SpanTolerance = double.PositiveInfinity },
        };
        var (known, unseen) = FitSplit.Of(rows, options.Seed);
        if (isOfValues) { return new(known.Rows, unseen.Rows); }
        var classes = rows.Classes.Select(name => ClassOf(name, model)).ToList();
        return new(Rows(known), Rows(unseen));

        RecordedRows Rows(FitWindows windows) => new(windows.Features, windows.Labels.Select(k => classes[k]).ToArray());
    }

    /// <summary>The first column with only classes of the model; null: none.</summary>
    private static string? LabelOf(LookOptions options, ImmutableArray<string> classes)
    {
        var files = FirstLook.At(options).Files;
        return files.Columns.Where(c => FirstLook.IsDiscrete(c) || LookAtLabels.SaysFaults(c, files)).Select(static c => c.Source)
            .FirstOrDefault(AreClasses);

        bool AreClasses(string column)
        {
            try
            {
                return files.Texts([column])[0].Keys.ToList() is { Count: > 1 } texts && texts.TrueForAll(classes.Contains);
            }
            catch (ArgumentException)
            {
                return false;       // too many texts
            }
        }
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

    /// <summary>Generated people as in the quickstart; other people are scored.</summary>
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
        private readonly List<float> _targets = [];

        internal int Count => _labels.Count + _targets.Count;

        internal void Add(ReadOnlySpan<float> row, int label)
        {
            _features.AddRange(row);
            _labels.Add(label);
        }

        internal void Add(ReadOnlySpan<float> row, float target)
        {
            _features.AddRange(row);
            _targets.Add(target);
        }

        internal RecordedRows ToRows() => _targets.Count > 0 ? new(_features.ToArray(), _targets.ToArray())
            : new(_features.ToArray(), _labels.ToArray());
    }
}

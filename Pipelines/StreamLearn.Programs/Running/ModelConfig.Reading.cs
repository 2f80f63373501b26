using StreamLearn.Compression;
using StreamLearn.Onnx;
using StreamLearn.Tables;

namespace StreamLearn.Programs;

internal sealed partial record ModelConfig
{
    private static LoadedModel Load(string path)
    {
        if (!path.EndsWith(".onnx", StringComparison.OrdinalIgnoreCase)) { return CompressedValues.Load(path); }
        var imported = OnnxFile.Load(path, objective: new SoftmaxCrossEntropy());
        return new(imported.Network, imported.Weights, imported.Card);
    }

    private static TargetConfig? TargetOf(ModelCard card, Network network)
    {
        if (network.Plan.Target != TargetKind.Value) { return null; }
        var (name, unit, _) = TargetCard.Of(card) ?? ("value", Unit.One, null);
        var (mean, deviation) = network.Objective is SquaredError { Mean: var m, Deviation: var d } ? (m, d) : (0, 1);
        return new(name, unit, mean - (Math.Sqrt(3) * deviation), mean + (Math.Sqrt(3) * deviation));
    }

    private static TargetConfig? TargetOf(ConfigEntry entry, ModelConfig? needed)
    {
        var target = TargetConfig.Read(entry);
        if (target is not null && needed is not null && target != needed.Target)
        {
            entry.Refuse(needed.Target is { } other ? $"expected {other}, the kind that the columns need"
                : "expected none: the columns have a label");
        }

        return target ?? needed?.Target;
    }

    /// <summary>Orders classes and columns like the model's or answering file, otherwise like the recordings, otherwise by name, so that
    /// the order in the configuration does not matter. It matters if the file has no names.</summary>
    private static ModelConfig InOrder(ModelConfig model, ModelConfig? file, ModelConfig? other)
    {
        return model with
        {
            Labels = Ordered(model.Labels, static m => m.Labels, ClassOrder.InOrder),
            Columns = Ordered(model.Columns, static m => m.Columns, static c => c.OrderBy(static c => c.Name, StringComparer.Ordinal)),
        };

        ImmutableArray<T> Ordered<T>(
            ImmutableArray<T> own, Func<ModelConfig, ImmutableArray<T>> of, Func<ImmutableArray<T>, IEnumerable<T>> byName) =>
            (file ?? other) is { } known && of(known) is var given && given.Length == own.Length && own.All(given.Contains) ? given
                : file is null ? [.. byName(own)] : own;
    }

    /// <summary>Returns the order of columns; null if the answering file names none, which its reader reports.</summary>
    private static ModelConfig? OrderOf(ConfigEntry answer)
    {
        if (answer.IsAbsent) { return null; }
        var path = answer.Map(static m =>
            m.Known()["model"] is { IsText: true } model ? model.PathOf(model.Text().Required()) : "").Required();
        try
        {
            return path.Length > 0 && CompressedValues.Load(path).Card is var card && Preparation.Of(card) is { } preparation
                ? Default with { Labels = card.Labels, Columns = preparation.Channels } : null;
        }
        catch (Exception e) when (e is ModelFormatException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary><c>auto</c> selects features if columns and rate are known.</summary>
    private static ModelKind Resolved(ModelKind kind, ModelConfig model) => kind != ModelKind.Auto ? kind
        : model.Columns.IsEmpty || !model.HasFeatures ? ModelKind.Conv : ModelKind.Features;

    /// <summary>Window features need a rate.</summary>
    private bool HasFeatures => Samples == 1 || RowsPerSecond is not null;

    private static ModelConfig? StartOf(ConfigEntry entry)
    {
        if (entry.As("file").Text().OrNull() is not { } path) { return null; }
        try
        {
            return Of(entry.PathOf(path)) with { Path = path };
        }
        catch (FormatException e)
        {
            entry.Refuse(e.Message);
            return null;
        }
    }

    /// <summary>Uses the model's own rate if rows can be resampled to it or the two are close, so that features are the same.</summary>
    private static double? RateOf(ModelConfig usual, ModelConfig? file) => file?.RowsPerSecond is { } learned
        && (usual.HasTimes || (usual.RowsPerSecond is { } rate && PacedRows.IsSame(rate, learned))) ? learned : usual.RowsPerSecond;

    private static double? RateOf(ConfigMap map, double? usual)
    {
        var field = map["rate", "rows a second"].As(fallback: "sensor: `file`, else source").Rate(1e-6, 1e6);
        return usual is { } rate ? field.Or(rate) : field.OrNull();
    }

    private static ModelConfig Fitting(ConfigMap map, ModelConfig model, ModelConfig? needed, ModelConfig? file)
    {
        if (!model.Labels.IsEmpty && model.Labels.Length != model.Classes)
        {
            map["labels"].Refuse(
                FormattableString.Invariant($"expected {model.Classes} names, one for each class, got {model.Labels.Length}"));
        }

        if (!model.Columns.IsEmpty && model.Columns.Length != model.Channels)
        {
            map["columns"].Refuse(FormattableString.Invariant($"expected {model.Channels} columns, got {model.Columns.Length}"));
            return model with { Columns = [], Kind = ModelKind.Conv };
        }

        if (needed is { Columns.IsEmpty: false } && !model.Columns.ToHashSet().SetEquals(needed.Columns))
        {
            map["columns"].Refuse($"expected the columns of the rest of the file, {string.Join(", ", needed.Columns.Select(TextOf))}");
        }

        if (!IsPossible(map, model, file)) { return model with { Kind = ModelKind.Conv }; }
        if (file is not null) { CheckFile(map, model, file); }
        return model;
    }

    private static bool IsPossible(ConfigMap map, ModelConfig model, ModelConfig? file)
    {
        if (model.Kind != ModelKind.Conv && (model.Columns.IsEmpty || !model.HasFeatures))
        {
            map["kind"].Refuse("expected the columns and the rate of the rows, which features need: a source with a rate; for an "
                + "aggregator, model.columns and model.rate, which 'config init --model-of sensor.yaml' writes");
            return false;
        }

        if (model is { Samples: 1, Kind: ModelKind.Conv or ModelKind.Rocket or ModelKind.Lags })
        {
            map["kind"].Refuse("expected linear or features: with samples: 1 each row is a window");
        }

        if (model.Kind == ModelKind.Rocket && file?.Kind != ModelKind.Rocket)
        {
            map["kind"].Refuse("expected model.file, which has the convolutions: 'streamlearn fit --model rocket' chooses them from a "
                + "sample of rows");
            return false;
        }

        if (model.Rocket is not { } kernels || (kernels.Channels, kernels.Rows) == (model.Channels, model.Samples)) { return true; }
        map["file"].Refuse(FormattableString.Invariant($"expected convolutions of {model.Channels} channels and windows of ")
            + FormattableString.Invariant($"{model.Samples} rows, got those of {kernels.Channels} and {kernels.Rows}"));
        return false;
    }

    private static void CheckFile(ConfigMap map, ModelConfig model, ModelConfig file)
    {
        if (file.RowsPerSecond is { } learned && model.RowsPerSecond is { } rate && !PacedRows.IsSame(rate, learned))
        {
            map["file"].Refuse(FormattableString.Invariant(
                $"expected {learned:0.###} rows/s, the rate that the model was trained at, got {rate:0.###}/s"));
        }

        if (!file.Columns.IsEmpty && (file.Samples, file.Hop) != (model.Samples, model.Hop))
        {
            map["file"].Refuse(FormattableString.Invariant($"expected windows of {file.Samples} rows, hop {file.Hop}, which the model ")
                + FormattableString.Invariant($"was trained on, got {model.Samples} and {model.Hop}"));
        }

        if (!file.Columns.IsEmpty && file.Columns.Length == model.Columns.Length && !file.Columns.SequenceEqual(model.Columns))
        {
            map["file"].Refuse($"expected columns {string.Join(", ", file.Columns.Select(TextOf))}, which the model was trained on, got "
                + $"{string.Join(", ", model.Columns.Select(TextOf))}");
            return;
        }

        var shape = model.Preparation?.Input ?? new Shape(model.Channels, model.Samples);
        if (file.Kind != model.Kind || file.Start!.Plan.Input != shape || file.Start.Plan.Classes != model.Classes
            || (!file.Columns.IsEmpty && !file.Columns.SequenceEqual(model.Columns)))
        {
            map["file"].Refuse(FormattableString.Invariant($"expected a model of {model.Channels} channels, windows of {model.Samples} ")
                + FormattableString.Invariant($"rows and {model.Classes} classes, got one of {file.Start!.Plan.Input} and ")
                + FormattableString.Invariant($"{file.Start.Plan.Classes} classes: {string.Join(", ", file.Columns.Select(TextOf))}"));
        }

        if (!file.Labels.IsEmpty && !model.Labels.IsEmpty && !file.Labels.SequenceEqual(model.Labels))
        {
            map["file"].Refuse($"expected a model of the classes {string.Join(", ", model.Labels)}, got {string.Join(", ", file.Labels)}");
        }
    }

    private static int WindowRows(ConfigEntry entry, int usual)
    {
        var rows = (int)entry.As(FormattableString.Invariant($"1, or {MinWindowRows}–65,536")).Whole(1, 65_536).Or(usual);
        if (rows is > 1 and < MinWindowRows && !entry.IsAbsent)
        {
            entry.Refuse(FormattableString.Invariant($"expected 1, where each row is a window, or {MinWindowRows} to 65536, got ")
                + FormattableString.Invariant($"{rows}"));
        }

        return rows;
    }

    private static int HopOf(ConfigMap map, int usual, string more, string? fallback = null) =>
        (int)map["hop", $"rows between window starts{more}"].As(fallback: fallback).Whole(1, 65_536).Or(usual);

    private static int Number(ConfigEntry entry, int least, int most, int usual, int? needed, string why)
    {
        var number = (int)entry.Whole(least, most).Or(usual);
        if (needed is { } other && number != other && !entry.IsAbsent)
        {
            entry.Refuse(string.Create(CultureInfo.InvariantCulture, $"expected {other}, {why}, got {number}"));
        }

        return number;
    }
}

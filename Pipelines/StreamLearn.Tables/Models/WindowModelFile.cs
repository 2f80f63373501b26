using StreamLearn.Compression;

namespace StreamLearn.Tables;

/// <summary>A saved model and the preparation of its windows.</summary>
internal sealed record WindowModelFile(
    Network Network, IModel Answering, Weights Weights, ModelCard Card, Preparation Preparation, ImmutableArray<string> Classes)
{
    internal bool AnswersValue => Network.Plan.Target == TargetKind.Value;

    /// <summary>The target; null if the model answers classes.</summary>
    internal Field? Target => !AnswersValue ? null
        : TargetCard.Of(Card) is var (name, unit, _) ? new(name, ColumnType.Float64, unit) : Field.Target(Unit.One);

    /// <summary>Forecast horizon; null to learn the last row's own value or class.</summary>
    internal TimeSpan? Ahead => TargetCard.Of(Card)?.Ahead;

    internal ExitRule? Rule => Card.ExitRule;

    /// <summary>The scores; null if no device was held out, or the model answers in integers (scores are for answers in float32).</summary>
    internal ConformalScores? Scores => Answering is Network ? ConformalCard.Of(Card) : null;

    internal static WindowModelFile Of(Network network, IModel model, Weights weights, ModelCard card, Preparation preparation) =>
        new(network, model, weights, card, preparation, card.Labels.IsEmpty
            ? [.. Enumerable.Range(0, network.Plan.Classes).Select(static c => c.ToString(CultureInfo.InvariantCulture))]
            : card.Labels);

    /// <exception cref="ProgramException">The file cannot be read, or was not written by this program.</exception>
    internal static WindowModelFile Read(string file)
    {
        if (Path.GetExtension(file).Equals(".onnx", StringComparison.OrdinalIgnoreCase))
        {
            throw new ProgramException($"{file}: expected a model of streamlearn fit (.safetensors), got an ONNX file: use "
                + "streamlearn answer --rows", ProgramExit.DataRefused);
        }

        try
        {
            var (model, weights, card) = CompressedValues.Load(Path.GetFullPath(file));
            if ((model as Int8Network)?.Rounded is not { } network && (network = model as Network) is null)
            {
                throw new ProgramException($"{file}: expected a network, got {model.Structure}; use streamlearn answer --rows for it",
                    ProgramExit.DataRefused);
            }

            CardKeys.Require(card);
            if (Preparation.Of(card) is not { } preparation
                || (preparation is { RowsPerSecond: null, WindowRows: > 1 }) || preparation.Input != network.Plan.Input)
            {
                throw new ProgramException($"{file} does not define its windows: expected a model of streamlearn fit, or of "
                    + "streamlearn-aggregator models export", ProgramExit.DataRefused);
            }

            return Of(network, model, weights, card, preparation);
        }
        catch (Exception e) when (e is ModelFormatException or IOException or UnauthorizedAccessException or ArgumentException
            or SchemaException)
        {
            throw new ProgramException($"{file}: {e.Message.ReplaceLineEndings(" ")}", ProgramExit.DataRefused);
        }
    }
}

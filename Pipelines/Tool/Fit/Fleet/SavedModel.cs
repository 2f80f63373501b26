using System.Collections.Immutable;
using System.Globalization;
using StreamLearn;
using StreamLearn.Compression;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Programs;

namespace Tool;

internal static class SavedModel
{
    internal const string FileName = "model.safetensors";

    internal static string Write(JobOptions options, FleetModel model, Weights weights, ExitStudy? exits, ConformalScores? scores = null)
    {
        var path = Path.Join(options.Out.ToString(), FileName);
        Files.Guard(path, () => ModelFile.Save(path, model.Network, weights, CardOf(model.Source, exits, scores)));
        return path;
    }

    internal static byte[] BytesOf(FleetModel model, Weights weights, ExitStudy? exits) =>
        ModelFile.Save(model.Network, weights, CardOf(model.Source, exits, scores: null));

    /// <summary>The source has no rows.</summary>
    /// <exception cref="ProgramException">The file cannot be read, or is not one of this program.</exception>
    internal static (FleetModel Model, Weights Weights, ExitRule? Rule, ConformalScores? Scores) Read(FileInfo file)
    {
        if (file.Extension.Equals(".onnx", StringComparison.OrdinalIgnoreCase))
        {
            throw new ProgramException($"{file}: expected a model of streamlearn fit (.safetensors), got an ONNX file, which answers "
                + "what its network takes: streamlearn answer --rows", ExitCode.DataRefused);
        }

        try
        {
            var (model, weights, card) = CompressedValues.Load(file.FullName);
            if ((model as Int8Network)?.Rounded is not { } network && (network = model as Network) is null)
            {
                throw new ProgramException($"{file}: expected a network, got {model.Structure}; streamlearn answer --rows takes it",
                    ExitCode.DataRefused);
            }

            if (Preparation.Of(card) is not { } preparation
                || (preparation is { RowsPerSecond: null, WindowRows: > 1 }) || preparation.Input != network.Plan.Input)
            {
                throw new ProgramException($"{file} does not say what its windows are: expected a model of streamlearn fit, or of "
                    + "streamlearn-aggregator models export", ExitCode.DataRefused);
            }

            ImmutableArray<string> classes = card.Labels.IsEmpty
                ? [.. Enumerable.Range(0, network.Plan.Classes).Select(static c => c.ToString(CultureInfo.InvariantCulture))] : card.Labels;
            var source = new FleetSource(file.Name, [], [], static _ => 0, classes,
                [.. preparation.Channels.Select(static f => f.Name)], null,
                static (_, _, _) => throw new InvalidOperationException("there are no rows"))
            {
                RowsPerSecond = preparation.RowsPerSecond ?? 1,
                WindowSamples = preparation.WindowRows,
                Schema = new([Field.Time(), .. preparation.Channels]),
                Input = new Prepared(preparation),
                Target = network.Plan.Target != TargetKind.Value ? null
                    : TargetCard.Of(card) is var (name, unit, _) ? new(name, ColumnType.Float64, unit) : Field.Target(Unit.One),
                Ahead = TargetCard.Of(card)?.Ahead,
            };
            return (new(Preparation.Word(preparation.Kind), source, network) { Answering = model }, weights, card.ExitRule,
                model is Network ? ConformalCard.Of(card) : null);      // scores are of answers in float32
        }
        catch (Exception e) when (e is ModelFormatException or IOException or UnauthorizedAccessException or ArgumentException
            or SchemaException)
        {
            throw new ProgramException($"{file}: {e.Message.ReplaceLineEndings(" ")}", ExitCode.DataRefused);
        }
    }

    private static ModelCard CardOf(FleetSource source, ExitStudy? exits, ConformalScores? scores)
    {
        var card = source.Preparation.On(new()
        {
            Labels = source.Classes,
            ExitRule = exits?.Rule,
            Provenance = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal, StringComparer.Ordinal)
                .Add("trained-on", source.Description),
        });
        card = exits?.Promised.On(card) ?? card;
        if (source.Target is { } target) { card = TargetCard.On(card, target.Name, target.Unit, source.Ahead); }
        else if (source.Ahead is { } ahead) { card = TargetCard.On(card, "class", Unit.One, ahead); }
        return scores is null ? card : ConformalCard.On(card, scores);
    }
}

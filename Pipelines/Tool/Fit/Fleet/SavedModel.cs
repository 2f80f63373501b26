using System.Collections.Immutable;
using System.Globalization;
using StreamLearn;
using StreamLearn.Models;
using StreamLearn.Programs;

namespace Tool;

/// <summary>A model in a file, with what answers need beside it: which channels, how many rows a second, how long a window, and what is
/// made of it.</summary>
internal static class SavedModel
{
    internal const string FileName = "model.safetensors";

    /// <summary>Writes the model of a run to its folder.</summary>
    internal static string Write(JobOptions options, FleetModel model, Weights weights, ExitRule? rule)
    {
        var path = Path.Join(options.Out.ToString(), FileName);
        Files.Guard(path, () => ModelFile.Save(path, model.Network, weights, CardOf(model.Source, model.Name, rule)));
        return path;
    }

    /// <summary>The bytes of such a file.</summary>
    internal static byte[] BytesOf(FleetModel model, Weights weights, ExitRule? rule) =>
        ModelFile.Save(model.Network, weights, CardOf(model.Source, model.Name, rule));

    /// <summary>The command that answers rows with a model.</summary>
    internal static string Command(string model, JobOptions options) =>
        $"streamlearn answer {model} {options.RowsOption} '{options.Rows}'"
            + (options.Arrow is null ? "" : " --out answers.arrow");

    /// <summary>Reads a model with the source that it was made for, which has no rows.</summary>
    /// <exception cref="ProgramException">The file cannot be read, or is not one of this program.</exception>
    internal static (FleetModel Model, Weights Weights, ExitRule? Rule) Read(FileInfo file)
    {
        try
        {
            var (model, weights, card) = ModelFile.Load(file.FullName);
            var said = card.Provenance;
            if (model is not Network network || !said.TryGetValue("prepared", out var prepared)
                || !said.TryGetValue("columns", out var columns)
                || !said.TryGetValue("window-rows", out var rows) || !int.TryParse(rows, CultureInfo.InvariantCulture, out var samples)
                || samples is < 2 or > 1 << 16
                || !double.TryParse(said.GetValueOrDefault("rows-per-second"), CultureInfo.InvariantCulture, out var rate) || !(rate > 0)
                || !double.IsFinite(rate))
            {
                throw new ProgramException(
                    $"{file} does not say what its windows are: expected a model that streamlearn fit saved",
                        ExitCode.DataRefused);
            }

            var fields = columns.Split('\n').Select(static c => c.Split('\t')).Select(static c =>
                new Field(c[0], ColumnType.Float32, new(c.Length > 1 ? c[1] : Unit.One.Symbol))).ToList();
            var source = new FleetSource(file.Name, [], [], static _ => 0, card.Labels, [.. fields.Select(static f => f.Name)], null,
                static (_, _, _) => throw new InvalidOperationException("there are no rows"))
            {
                RowsPerSecond = rate,
                WindowSamples = samples,
                Schema = new([Field.Time(), .. fields]),
            };
            if (prepared != "conv") { source = source with { Prepare = FleetModel.Front(source, out _) }; }
            return (new(prepared, source, network), weights, card.ExitRule);
        }
        catch (Exception e) when (e is ModelFormatException or IOException or UnauthorizedAccessException or ArgumentException
            or SchemaException)
        {
            throw new ProgramException($"{file}: {e.Message.ReplaceLineEndings(" ")}", ExitCode.DataRefused);
        }
    }

    private static ModelCard CardOf(FleetSource source, string prepared, ExitRule? rule) => new()
    {
        Labels = source.Classes,
        ExitRule = rule,
        Provenance = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal, StringComparer.Ordinal)
            .Add("trained-on", source.Description)
            .Add("prepared", prepared)
            .Add("rows-per-second", source.RowsPerSecond.ToString("R", CultureInfo.InvariantCulture))
            .Add("window-rows", source.WindowSamples.ToString(CultureInfo.InvariantCulture))
            .Add("columns", string.Join('\n', source.Schema.Fields.Where(static f => f.Type == ColumnType.Float32)
                .Select(static f => $"{f.Name}\t{f.Unit.Symbol}"))),
    };
}

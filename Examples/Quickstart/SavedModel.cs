using System.Collections.Immutable;
using System.Globalization;
using StreamLearn;
using StreamLearn.Models;
using StreamLearn.Simulated;

namespace Quickstart;

/// <summary>The model file. Its card describes how rows are prepared, so that <c>streamlearn answer</c> can read it.</summary>
internal static class SavedModel
{
    internal static string Write(DirectoryInfo folder, FleetRun run, Weights weights, ExitStudy exits)
    {
        var path = Path.Join(folder.ToString(), "model.safetensors");
        Files.Guard(path, () => ModelFile.Save(path, run.Network, weights, CardOf(run.Source, run.Network, exits)));
        return path;
    }

    private static ModelCard CardOf(FleetSource source, Network network, ExitStudy exits)
    {
        var channels = source.Schema.Fields.Where(static f => f.Type == ColumnType.Float32);
        var said = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal, StringComparer.Ordinal)
            .Add("trained-on", source.Description)
            .Add("prepared", "conv")
            .Add("window-rows", Text(source.WindowSamples))
            .Add("hop-rows", Text(source.HopSamples))
            .Add("filled-rows", Text(FleetSource.MaxFilled))
            .Add("rows-per-second", source.RowsPerSecond.ToString("R", CultureInfo.InvariantCulture))
            .Add("columns", string.Join('\n', channels.Select(static f => $"{f.Name}\t{f.Unit.Symbol}")));
        return exits.On(new() { Labels = source.Classes, ExitRule = exits.Rule, Provenance = said }, network);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

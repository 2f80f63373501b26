using System.Collections.Immutable;
using StreamLearn;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Tables;

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

    /// <summary>The source has no rows.</summary>
    /// <exception cref="ProgramException">The file cannot be read, or is not one of this program.</exception>
    internal static (FleetModel Model, Weights Weights, ExitRule? Rule, ConformalScores? Scores) Read(FileInfo file)
    {
        var read = WindowModelFile.Read(file.ToString());
        var preparation = read.Preparation;
        var source = new FleetSource(file.Name, [], [], static _ => 0, read.Classes,
            [.. preparation.Channels.Select(static f => f.Name)], null,
            static (_, _, _) => throw new InvalidOperationException("there are no rows"))
        {
            RowsPerSecond = preparation.RowsPerSecond ?? 1,
            WindowSamples = preparation.WindowRows,
            Schema = new([Field.Time(), .. preparation.Channels]),
            Input = new Prepared(preparation),
            Target = !read.AnswersValue ? null
                : TargetCard.Of(read.Card) is var (name, unit, _) ? new(name, ColumnType.Float64, unit) : Field.Target(Unit.One),
            Ahead = TargetCard.Of(read.Card)?.Ahead,
        };
        return (new(Preparation.Word(preparation.Kind), source, read.Network) { Answering = read.Answering }, read.Weights, read.Rule,
            read.Scores);
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

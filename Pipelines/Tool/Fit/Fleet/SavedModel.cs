using StreamLearn.Learning;

namespace Tool;

internal static class SavedModel
{
    internal const string FileName = "model.safetensors";

    internal static string Write(JobOptions options, FleetModel model, Weights weights, ExitStudy? exits, ConformalScores? scores = null)
    {
        var path = Path.Join(options.Out.ToString(), FileName);
        Files.Guard(path, () => ModelFile.Save(path, model.Network, weights, CardOf(model.Source, model.Network, exits, scores)));
        return path;
    }

    private static ModelCard CardOf(FleetSource source, Network network, ExitStudy? exits, ConformalScores? scores)
    {
        var card = source.ToRows().CardOf(scores, exits?.Rule);
        return exits?.On(card, network) ?? card;
    }
}

using StreamLearn.Compression;
using StreamLearn.Models;

namespace Sensor;

internal static class PrecisionKeys
{
    /// <summary>Windows for finding the ranges: some minutes, and fewer than the training buffer holds.</summary>
    internal const int Windows = 200;

    internal static bool IsInt8(ModelConfig model, LoadedModel? pinned) => pinned?.Model is Int8Network || model.IsInt8 is true;

    /// <summary>Rejects incompatible settings. <paramref name="answer"/>: section <c>answer</c>, if present.</summary>
    internal static void Check(ConfigMap map, ModelConfig model, ConfigMap? answer, LoadedModel? pinned, bool isAcross)
    {
        if (!IsInt8(model, pinned)) { return; }
        if (model.IsInt8 is false) { map["model"].Refuse("expected 'precision: int8', the precision of the answer.model file"); }
        answer?.RefuseGiven(["leave", "work", "exits", "bound"], static key =>
            key == "bound" ? "expected no 'bound' with int8: the file's scores are for float32 answers"
                : $"expected no '{key}' with int8: the whole model answers");
        if (answer is not null && isAcross) { answer["where"].Refuse("expected no 'where' with int8: inference runs on the device only"); }
        if (pinned?.Model is not Int8Network && WhyNot(pinned?.Model ?? model.Create()) is { } reason)
        {
            map["model"].Refuse($"precision: {reason}");
        }
    }

    internal static string? WhyNot(IModel model)
    {
        try
        {
            new LoadedModel(model, model.Initial, ModelCard.Empty).Quantize(new(new float[model.Plan.Input.Size], 1));
            return null;
        }
        catch (Exception e) when (e is NotSupportedException or ArgumentException)
        {
            return e.Message;
        }
    }
}

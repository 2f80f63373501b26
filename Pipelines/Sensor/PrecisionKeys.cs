using StreamLearn.Compression;
using StreamLearn.Models;

namespace Sensor;

internal static class PrecisionKeys
{
    /// <summary>Windows for the ranges: some minutes, fewer than the training buffer holds.</summary>
    internal const int Windows = 200;

    /// <summary>True if requested, or if the file of <c>answer.model</c> is int8.</summary>
    internal static bool IsInt8(ModelConfig model, LoadedModel? pinned) => pinned?.Model is Int8Network || model.IsInt8 is true;

    /// <summary>Rejects incompatible settings. <paramref name="answer"/>: section <c>answer</c>, if present.</summary>
    internal static void Check(ConfigMap map, ModelConfig model, ConfigMap? answer, LoadedModel? pinned, bool isAcross)
    {
        if (!IsInt8(model, pinned)) { return; }
        if (model.IsInt8 is false) { map["model"].Refuse("expected 'precision: int8', the precision of the answer.model file"); }
        foreach (var key in new[] { "leave", "work", "exits", "bound" })
        {
            if (answer is null || answer[key].IsAbsent) { continue; }
            answer[key].Refuse(key == "bound" ? "expected no 'bound' with int8: the file's scores are for float32 answers"
                : $"expected no '{key}' with int8: the whole model answers");
        }

        if (answer is not null && isAcross) { answer["where"].Refuse("expected no 'where' with int8: a device answers by itself"); }
        if (pinned?.Model is not Int8Network && WhyNot(pinned?.Model ?? model.Create()) is { } reason)
        {
            map["model"].Refuse($"precision: {reason}");
        }
    }

    /// <summary>Why the model has no int8 form; null: it has one.</summary>
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

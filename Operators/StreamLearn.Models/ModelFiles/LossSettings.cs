using System.Text.Json;

namespace StreamLearn.Models;

/// <summary>Writes and reads losses as JSON objects: <c>loss</c>, then settings. Losses that are not listed cannot be saved.</summary>
internal static class LossSettings
{
    internal static void Write(Utf8JsonWriter json, Loss loss)
    {
        var (name, settings) = Parts(loss);
        json.WriteStartObject();
        json.WriteString("loss", name);
        foreach (var (key, value) in settings) { json.WriteNumber(key, value); }
        json.WriteEndObject();
    }

    internal static Loss Read(JsonElement element)
    {
        var settings = new JsonSettings(element, "objective");
        Loss loss = settings.Text("loss") switch
        {
            "binary-cross-entropy" => new BinaryCrossEntropy(),
            "distillation" => new Distillation(settings.Single("temperature"), settings.Single("teacher-share")),
            "huber" => new Huber(settings.Single("delta")),
            "smooth-svm" => new SmoothSvm(),
            "softmax-cross-entropy" => new SoftmaxCrossEntropy(settings.Single("label-smoothing")),
            "squared-error" => settings.Has("mean") ? new SquaredError(settings.Single("mean"), settings.Single("deviation")) : new(),
            var name => throw new ModelFormatException($"objective: unknown loss '{name}'"),
        };
        settings.End();
        return loss;
    }

    private static (string Name, (string Key, float Value)[] Settings) Parts(Loss loss) => loss switch
    {
        BinaryCrossEntropy => ("binary-cross-entropy", []),
        Distillation l => ("distillation", [("temperature", l.Temperature), ("teacher-share", l.TeacherShare)]),
        Huber l => ("huber", [("delta", l.Delta)]),
        SmoothSvm => ("smooth-svm", []),
        SoftmaxCrossEntropy l => ("softmax-cross-entropy", [("label-smoothing", l.LabelSmoothing)]),
        SquaredError { Mean: 0, Deviation: 1 } => ("squared-error", []),
        SquaredError l => ("squared-error", [("mean", l.Mean), ("deviation", l.Deviation)]),
        _ => throw new ArgumentException($"expected a loss that can be saved, got {loss}", nameof(loss)),
    };
}

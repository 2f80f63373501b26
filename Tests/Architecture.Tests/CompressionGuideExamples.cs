using StreamLearn;
using StreamLearn.Compression;
using StreamLearn.Fleets;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Operators;

namespace Architecture.Tests;

/// <summary>The C# of the guide about smaller models and updates.</summary>
internal static class CompressionGuideExamples
{
    internal static void Quantize(float[] features, int count)
    {
        var trained = ModelFile.Load("pump.safetensors");
        var small = trained.Quantize(new Sample(features, count));      // features: [count, inputs]
        ModelFile.Save("pump-int8.safetensors", small.Model, small.Weights, small.Card);
    }

    internal static void Code(Flow<WeightDelta> updates, IModel model, Flow<Receipt> receipts, ITransport edge)
    {
        updates.CodeUpdates(model, new() { Code = TensorCode.TopK(0.01) }, receipts).Publish(edge, "line-2/updates", LearningCodecs.Deltas);
    }

    internal static (LoadedModel Half, LoadedModel Binary, LoadedModel Student) Shrink(float[] features, int[] labels)
    {
        var model = ModelFile.Load("digits.safetensors");
        var rows = new Sample(features, labels);        // what it trains with; measure on others

        var pruned = model.Prune(rows, new() { Schedule = new(Final: 0.9f, Every: 10, Changes: 30) });
        var shared = pruned.ShareWeights(denseBits: 5).TuneCentroids(rows);
        File.WriteAllBytes("small.safetensors", CompressedValues.Save(shared));

        var half = model.PruneUnits(0.5f).Retrain(rows);
        var binary = model.Binarize(rows);
        var student = model.DistillInto(new Network(new(784), 10, [new Dense(10), new Relu()], [new(1, new Dense(10))]), rows);
        return (half, binary, student);
    }

    internal static (Pipeline Teacher, Pipeline Learner) Teach(
        ITransport link, Func<PipelineBuilder, Flow<SoftLabels>> scores, LoadedModel student, float[] features, int count)
    {
        var teacher = Pipeline.Define("edge-1", p => scores(p).Publish(link, "scores", CompressionCodecs.SoftLabels));
        var learner = Pipeline.Define("edge-2", p => p.Subscribe(link, "scores", CompressionCodecs.SoftLabels)
            .Map("learn", given => student.Distill(new Sample(features, count), given, teacherShare: 1).Weights)
            .Publish(link, "models", LearningCodecs.Weights));
        return (teacher, learner);
    }
}

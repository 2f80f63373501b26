using StreamLearn;
using StreamLearn.Compression;
using StreamLearn.Formats;
using StreamLearn.Learning;
using StreamLearn.Models;
using StreamLearn.Nodes;
using StreamLearn.Operators;

namespace Architecture.Tests;

/// <summary>The C# of docs/guides/learning.md.</summary>
internal static class LearningGuideExamples
{
    internal static Pipeline LearnAlone(string file, IModel model) => Pipeline.Define("valves", p =>
    {
        var learned = p.Input<Batch>("rows", Valves.Columns, maxRows: 32).Learn(model);

        learned.Answers.Output("answers");                          // class, confidence and label of each row
        learned.Answers.DetectDrift().ForEach("drift", Console.WriteLine);
        learned.Evaluations.ForEach("evaluations", Console.WriteLine);
        learned.Versions.ForEach("save", version => ModelFile.Save(file, model, version));
    });

    internal static int[] Possible(ConformalScores scores, float[] probabilities)
    {
        var classes = new int[probabilities.Length];
        var count = ConformalScores.Set(probabilities, scores.At(0.9), classes);
        return classes[..count];
    }

    internal static Pipeline BoundedAnswers(string file, ConformalScores scores) => Pipeline.Define("possible", p =>
    {
        var loaded = ModelFile.Load(file);
        var (answers, unsure) = p.Input<Batch>("rows", Valves.Columns, maxRows: 32)
            .Infer((Network)loaded.Model, loaded.Weights, new InferOptions { Probabilities = true });
        unsure.Discard();
        answers.Bound(0.9, scores).Output("answers");       // possible: bit k is set if class k is
    });

    internal static async Task<RowCollector> CollectAsync(string folder)
    {
        var rows = new RowCollector(group: "person");
        await Pipeline.Define("collect", p => p
            .FromCsv($"{folder}/{{person}}/*.csv", new CsvOptions { Label = "activity", SamplesPerSecond = 50 })
            .Window(samples: 128, hop: 64, new() { Segment = "person" })       // none spans two people
            .ImuFeatures()
            .ForEach("collect", rows.Add)).RunAsync();
        return rows;        // new Network(rows.Shape, ...).Fit(rows.ToRows())
    }

    internal static Weights FitRecorded(IModel model, RecordedRows rows, string file)
    {
        var result = model.Fit(rows, new() { BalanceClasses = true, StateFile = file + ".state" },
            new Progress<FitEpoch>(Console.WriteLine));            // epoch 12 of 100: loss 0.2131, validation 91.3 %, ...
        Console.WriteLine(result);                                  // each class, and each group that was held back
        ModelFile.Save(file, model, result.Weights);
        return result.Weights;
    }

    internal static Pipeline AnswerWith(string file) => Pipeline.Define("answer", p =>
    {
        var loaded = ModelFile.Load(file);
        p.Input<Batch>("rows", Valves.Columns, maxRows: 32).Infer(loaded.Model, loaded.Weights).Output("answers");
    });

    internal static Pipeline DeviceSide(Network network, ITransport air, Schema columns) => Pipeline.Define("pump-7", p =>
    {
        var gradients = p.Subscribe(air, "gradients", CompressionCodecs.BoundaryGradients8);
        var (activations, reports) = p.Input<Batch>("rows", columns, maxRows: 32).SplitTrain(network, split: 2, gradients);
        activations.Publish(air, "activations", CompressionCodecs.Activations8);
        reports.ForEach("reports", Console.WriteLine);
    });

    internal static Pipeline EdgeSide(Network network, ITransport air) => Pipeline.Define("edge", p =>
    {
        var (gradients, reports) = p.Subscribe(air, "activations", CompressionCodecs.Activations8).SplitTrain(network, split: 2);
        gradients.Publish(air, "gradients", CompressionCodecs.BoundaryGradients8);
        reports.ForEach("reports", Console.WriteLine);
    });

    internal static LayerTimes Predicted(Network measured, LayerProfile profile, Network unseen) =>
        LayerRegression.Fit(measured, profile).Predict(unseen);

    internal static Pipeline MeasuredLink(ITransport air) => Pipeline.Define("pump-7", p =>
    {
        var (probes, estimates) = p.Subscribe(air, "echoes/pump-7", NodesCodecs.LinkProbes).ProbeLink();
        probes.Publish(air, "probes/pump-7", NodesCodecs.LinkProbes);
        estimates.ForEach("link", Console.WriteLine);           // link of pump-7: 1.97 Mbit/s by probe
    });
}

using StreamLearn;
using StreamLearn.Learning;

namespace Architecture.Tests;

/// <summary>The C# of docs/learning.md.</summary>
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
}

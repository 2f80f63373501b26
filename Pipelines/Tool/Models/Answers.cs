using System.Collections.Immutable;

namespace Tool;

internal sealed class Answers(ModelPlan plan, ImmutableArray<string> labels, bool scores)
{
    private readonly StringBuilder _text = new();

    private bool Chooses => plan.Target != TargetKind.Value;

    internal string Head()
    {
        var outputs = Enumerable.Range(0, plan.Outputs)
            .Select(i => CsvText.Quoted(plan.Outputs == labels.Length ? labels[i] : $"output-{i}"));
        return !Chooses ? string.Join(',', outputs) : scores ? $"answer,{string.Join(',', outputs)}" : "answer";
    }

    internal string Of(ReadOnlySpan<float> outputs)
    {
        _text.Clear();
        if (Chooses)
        {
            var answer = plan.Outputs == 1 && plan.Target == TargetKind.Label ? outputs[0] > 0.5f ? 1 : 0 : ModelPlan.ClassOf(outputs);
            _text.Append(labels.IsEmpty ? answer.ToString(CultureInfo.InvariantCulture) : CsvText.Quoted(labels[answer]));
        }

        if (Chooses && !scores) { return _text.ToString(); }
        foreach (var output in outputs)
        {
            _text.Append(_text.Length > 0 ? "," : "").Append(CultureInfo.InvariantCulture, $"{output}");
        }

        return _text.ToString();
    }
}

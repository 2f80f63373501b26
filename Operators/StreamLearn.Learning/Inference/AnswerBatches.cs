namespace StreamLearn.Learning;

/// <summary>Makes batches of answers from the outputs of a model.</summary>
public sealed class AnswerBatches(InferBlock block, OperatorContext context)
{
    private Schema? _input;
    private Schema? _answers;

    /// <summary>Returns the answers to the rows of a batch, with their times and labels. <paramref name="outputs"/>: the outputs of the
    /// model, <c>[rows, outputs]</c>.</summary>
    public Batch Of(Batch input, FeatureRows rows, ReadOnlySpan<float> outputs)
    {
        if (!ReferenceEquals(_input, input.Schema)) { (_input, _answers) = (input.Schema, block.Output(input.Schema)); }
        var answers = context.Pool.Rent(_answers!, rows.Count);
        Carry(input, rows, answers, Schema.TimeColumn);
        if (block.Key is { } key) { Carry(input, rows, answers, key); }
        if (block.ToldColumn is { } told) { Carry(input, rows, answers, told); }
        Write(outputs, answers);
        return answers;
    }

    /// <summary>Writes the outputs of the model to the rows of a batch of answers.</summary>
    public void Write(ReadOnlySpan<float> outputs, Batch answers)
    {
        var (plan, width) = (block.Model.Plan, block.Model.Plan.Outputs);
        if (plan.Target == TargetKind.Value)
        {
            outputs.CopyTo(answers[InferBlock.ValueColumn].Writable<float>());
            return;
        }

        var ofLabels = plan.Target == TargetKind.Label;
        var classes = answers[InferBlock.ClassColumn].Writable<int>();
        var second = answers[ofLabels ? InferBlock.ConfidenceColumn : InferBlock.LossColumn].Writable<float>();
        for (var r = 0; r < classes.Length; r++)
        {
            var row = outputs.Slice(r * width, width);
            if (ofLabels && width == 1)
            {
                classes[r] = Scoreboard.Answer(row[0]);
                second[r] = classes[r] == 1 ? row[0] : 1 - row[0];
                continue;
            }

            classes[r] = ModelPlan.ClassOf(row);
            second[r] = ofLabels ? row[classes[r]] : -row[classes[r]];
        }
    }

    private static void Carry(Batch from, FeatureRows rows, Batch to, string name)
    {
        if (from.TryColumn(name, out var source) && to.TryColumn(name, out var target)) { rows.Carry(source, target); }
    }
}

namespace Acceptance.Tests;

/// <summary>A model that notes which rows it was asked about before it was trained on them. Rows are told apart by their bits.</summary>
internal sealed class AuditedModel(IModel model) : IModel
{
    private readonly HashSet<int> _scored = [];

    public ModelPlan Plan => model.Plan;

    public Weights Initial => model.Initial;

    internal long RowsScored { get; private set; }

    internal long RowsTrained { get; private set; }

    internal long RowsTrainedUnseen { get; private set; }

    public float Loss(ReadOnlySpan<float> weights, in Sample batch, Span<float> gradients, Workspace memory)
    {
        for (var r = 0; r < batch.Rows; r++)
        {
            RowsTrained++;
            if (!_scored.Contains(KeyOf(batch, r))) { RowsTrainedUnseen++; }
        }

        return model.Loss(weights, batch, gradients, memory);
    }

    public void Infer(ReadOnlySpan<float> weights, in Sample batch, Span<float> outputs, Workspace memory)
    {
        for (var r = 0; r < batch.Rows; r++) { _scored.Add(KeyOf(batch, r)); }
        RowsScored += batch.Rows;
        model.Infer(weights, batch, outputs, memory);
    }

    private int KeyOf(in Sample batch, int row) => BitConverter.SingleToInt32Bits(batch.Features[row * Plan.Input.Size]);
}

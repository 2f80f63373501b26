namespace StreamLearn.Learning;

/// <summary>Keeps the greatest of every <c>Size</c> samples of a channel; samples left over at the end are not looked at.</summary>
/// <remarks>
/// Shape: [channels, samples] to [channels, samples / size]. State: none. Cost: one comparison a value. The gradient goes to the first of
/// equal samples.
/// </remarks>
/// <param name="Size">Samples of a pool, at least 1.</param>
public sealed record MaxPool1d(int Size) : Layer
{
    /// <inheritdoc />
    public override LayerPlan Plan(Shape input)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Size, 1);
        if (input.Samples < Size) { throw new ArgumentException($"expected at least {Size} samples, got {input.Samples}"); }
        return new(new(input.Channels, input.Samples / Size));
    }

    /// <inheritdoc />
    public override void Forward(in LayerCall call)
    {
        var pools = call.Input.Samples / Size;
        for (var i = 0; i < call.Rows * call.Input.Channels; i++)
        {
            var channel = call.Inputs.Slice(i * call.Input.Samples, call.Input.Samples);
            for (var t = 0; t < pools; t++)
            {
                call.Outputs[(i * pools) + t] = Pooling.Greatest(channel.Slice(t * Size, Size));
            }
        }
    }

    /// <inheritdoc />
    public override void Backward(in LayerCall call)
    {
        if (call.InputGradients.IsEmpty) { return; }
        call.InputGradients.Clear();
        var pools = call.Input.Samples / Size;
        for (var i = 0; i < call.Rows * call.Input.Channels; i++)
        {
            var channel = call.Inputs.Slice(i * call.Input.Samples, call.Input.Samples);
            for (var t = 0; t < pools; t++)
            {
                var place = (t * Size) + Pooling.First(channel.Slice(t * Size, Size), call.Outputs[(i * pools) + t]);
                call.InputGradients[(i * call.Input.Samples) + place] = call.OutputGradients[(i * pools) + t];
            }
        }
    }

    /// <inheritdoc />
    public override string ToString() => $"max-pool {Size}";
}

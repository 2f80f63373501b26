namespace StreamLearn.Fleets.Tests;

/// <summary>How many messages never come.</summary>
/// <param name="Share">From 0 to 1.</param>
internal sealed record Losses(double Share);

/// <summary>A way on which messages are lost.</summary>
internal sealed class LossyWay<T>(Losses losses, OperatorContext context, IOutput<T> output) : Operator<T>
    where T : class
{
    public override void Process(T input)
    {
        if (context.Random.NextDouble() < losses.Share) { context.Drop(input, "lost"); }
        else { output.Emit(input); }
    }
}

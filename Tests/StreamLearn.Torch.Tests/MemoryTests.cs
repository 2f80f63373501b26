using StreamLearn.Models;
using static TorchSharp.torch;

namespace StreamLearn.Torch.Tests;

/// <summary>Tests beside which no other one runs.</summary>
[CollectionDefinition(nameof(MemoryTests), DisableParallelization = true)]
[Collection(nameof(MemoryTests))]
public sealed class MemoryTests(ITestOutputHelper output)
{
    /// <summary>6,000 steps and as many answers in the long form, 1,500 in the short one.</summary>
    [Fact]
    public void Memory_is_steady()
    {
        var (model, rows, memory) = (StepTests.Mixed(), Rows.Of(new(3, 16), 8, 4), new Workspace());
        var (weights, gradients, outputs) = (model.Initial.Values.ToArray(), new float[model.Plan.Values], new float[32]);
        var before = Run(500);
        var tensors = Tensor.TotalCount;

        var after = Run(LongForm.IsAsked ? 6000 : 1500);

        output.WriteLine($"{before >> 20} MiB before, {after >> 20} after");
        Assert.InRange(Tensor.TotalCount, 0, tensors);
        Assert.InRange(after - before, long.MinValue, 10 << 20);        // gradients alone are 12 MB in the short form

        long Run(int count)
        {
            for (var i = 0; i < count; i++)
            {
                model.Loss(weights, new(rows.Features, rows.Labels) { Number = i }, gradients, memory);
                model.Infer(weights, rows.Sample, outputs, memory);
                if (i % 500 != 499) { continue; }
                GC.Collect();       // else the heap grows by what the collector may leave lying: it is not what is measured
                GC.WaitForPendingFinalizers();
            }
            return Environment.WorkingSet;
        }
    }
}

using System.Runtime.InteropServices;
using FleetProcess;

namespace Acceptance.Tests;

/// <summary>Section 5.5: a block of layers cut by lines.</summary>
public sealed class At05Rows(ITestOutputHelper output)
{
    /// <summary>Of every four blocks one is of signals, cut by samples. A bound of 1e-5 is asked for, and the bits are the same.</summary>
    [Fact]
    public void AT_5j_Any_split_by_lines_of_any_block_in_1_to_6_parts_gives_the_unsplit_output()
    {
        var (blocks, splits, layers) = (LongForm.IsAsked ? 4000 : 200, 0, new SortedSet<string>());
        var memory = new Workspace();
        for (var seed = 0; seed < blocks; seed++)
        {
            var block = new RandomBlock(seed);
            var (network, end) = (block.Network, block.Network.Layers.Length);
            layers.UnionWith(network.Layers.Skip(block.First).Select(static l => l.GetType().Name));
            for (var parts = 1; parts <= 6; parts++)
            {
                var got = new float[block.Outputs.Length];
                Array.Fill(got, float.NaN);
                var partition = RowPartition.Of(network, block.First, end, block.Shares(parts));
                foreach (var part in partition.Parts) { Run(part, block, got, memory); }

                splits += partition.Parts.Length > 1 ? 1 : 0;
                if (!Bits(got).SequenceEqual(Bits(block.Outputs))) { Assert.Fail($"seed {seed}, {partition}: other bits\n{network}"); }
            }
        }

        output.WriteLine($"{blocks} blocks, {splits} splits in several parts");
        output.WriteLine(string.Join(", ", layers));
        Assert.Equal(16, layers.Count);         // every kind of the generator was cut
    }

    /// <summary>What parts send back where a block ends with a global reduction, beside their lines. The bound of means is that of
    /// <see cref="CutBlock.Merge"/>; maxima have the bits of one node.</summary>
    [Fact]
    public void AT_5j_A_block_that_ends_with_a_global_reduction_gives_it_from_statistics_of_its_parts()
    {
        var (memory, lines, statistics, means, others) = (new Workspace(), 0L, 0L, 0, 0);
        for (var seed = 0; seed < (LongForm.IsAsked ? 2000 : 200); seed++)
        {
            var block = new RandomBlock(seed, new GlobalMeanMax());
            var (network, end) = (block.Network, block.Network.Layers.Length);
            var (channels, cut) = (network.Boundaries[end - 1].Channels, new CutBlock(block.Network, block.First, end));
            for (var parts = 1; parts <= 6; parts++)
            {
                var (gathered, got) = (new float[RandomBlock.Rows * cut.GatheredSize], new float[block.Outputs.Length]);
                var partition = RowPartition.Of(network, block.First, end, block.Shares(parts));
                foreach (var part in partition.Parts) { Run(part, block, gathered, memory); }
                cut.Merge([.. partition.Parts.Select(static p => p.Outputs)], gathered, RandomBlock.Rows, got);
                lines += network.Boundaries[end - 1].Size;
                statistics += partition.Parts.Sum(static p => p.Output.Size);

                for (var i = 0; i < got.Length; i++)
                {
                    var isMean = i % (2 * channels) < channels;
                    var bound = isMean
                        ? (Math.Abs((double)block.Outputs[i]) * Math.Pow(2, -23)) + (block.Magnitude(i) * Math.Pow(2, -40)) : 0;
                    if (!(Math.Abs((double)got[i] - block.Outputs[i]) <= bound))
                    {
                        Assert.Fail($"seed {seed}, {partition}: {got[i]} instead of {block.Outputs[i]}\n{network}");
                    }

                    means += isMean ? 1 : 0;
                    others += got[i].Equals(block.Outputs[i]) ? 0 : 1;
                }
            }
        }

        output.WriteLine($"{means} means, of which {others} have other bits");
        output.WriteLine($"bytes of a row, all blocks together: {lines * 4} of lines, {statistics * 4} of statistics");
        var (ofLines, ofStatistics) = (Bytes(PartTopics.End), Bytes(PartTopics.End + 1));
        output.WriteLine($"of the network of AT-5l in two parts: {ofLines} of lines, {ofStatistics} of statistics");
        Assert.Equal((16 * 12 * 12 * 4, 2 * 16 * 2 * 4), (ofLines, ofStatistics));

        static int Bytes(int end) => 4 * RowPartition.Of(PartTopics.Network(16), 0, end, 1, 1).Parts.Sum(static p => p.Output.Size);
    }

    private static ReadOnlySpan<int> Bits(float[] values) => MemoryMarshal.Cast<float, int>(values);

    private static void Run(NetworkPart part, RandomBlock block, float[] got, Workspace memory)
    {
        var inputs = new float[RandomBlock.Rows * part.Input.Size];
        var outputs = new float[RandomBlock.Rows * part.Output.Size];
        part.TakeInputs(block.Inputs, RandomBlock.Rows, inputs);
        part.Run(block.Weights.Span, inputs, RandomBlock.Rows, outputs, memory);
        part.PutOutputs(outputs, RandomBlock.Rows, got);
    }
}

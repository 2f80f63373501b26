namespace StreamLearn.Models.Tests;

/// <summary>The stated order of a convolution's sums, one value at a time, and the kernel behind it.</summary>
public sealed class ConvolutionTests
{
    public static TheoryData<int> Places =>
        [.. Enumerable.Range(0, LayerCase.All.Count).Where(place => LayerCase.All[place].Layer is Conv1d or Conv2d)];

    [Theory, MemberData(nameof(Places))]
    public void A_convolution_adds_in_the_stated_order(int place)
    {
        var it = LayerCase.At(place);
        var (filters, tall, wide, down, across, padding) = it.Layer switch
        {
            Conv1d conv => (conv.Filters, 1, conv.Kernel, 1, conv.Stride, conv.Padding),
            Conv2d conv => (conv.Filters, conv.Kernel, conv.Kernel, conv.Stride, conv.Stride, conv.Padding),
            _ => throw new InvalidOperationException(),
        };
        var (input, output) = (it.Input, it.Plan.Output);
        var (top, left) = (Naive.Before(padding, input.Height, tall, down), Naive.Before(padding, input.Width, wide, across));
        var (taps, outputs) = (input.Channels * tall * wide, new float[it.OutputGradients.Length]);
        var (gradients, inputGradients) = (new float[it.Weights.Length], new float[it.Inputs.Length]);
        for (var i = 0; i < outputs.Length; i++)
        {
            var (row, f, y, x) = (i / output.Size, i % output.Size / output.Samples, i % output.Samples / output.Width, i % output.Width);
            outputs[i] = it.Weights[(taps * filters) + f];
            gradients[(taps * filters) + f] += it.OutputGradients[i];
            for (var k = 0; k < taps; k++)
            {
                var (line, column) = ((y * down) + (k / wide % tall) - top, (x * across) + (k % wide) - left);
                if (line < 0 || line >= input.Height || column < 0 || column >= input.Width) { continue; }
                var value = it.Inputs[(row * input.Size) + (((k / wide / tall * input.Height) + line) * input.Width) + column];
                outputs[i] = MathF.FusedMultiplyAdd(value, it.Weights[(k * filters) + f], outputs[i]);
                gradients[(k * filters) + f] = MathF.FusedMultiplyAdd(value, it.OutputGradients[i], gradients[(k * filters) + f]);
            }
        }

        for (var i = 0; i < inputGradients.Length; i++)
        {
            var (row, c) = (i / input.Size, i % input.Size / input.Samples);
            for (var k = 0; k < tall * wide; k++)
            {
                var (line, column) = ((i % input.Samples / input.Width) + top - (k / wide), (i % input.Width) + left - (k % wide));
                if (line < 0 || line % down != 0 || line / down >= output.Height) { continue; }
                if (column < 0 || column % across != 0 || column / across >= output.Width) { continue; }
                for (var f = 0; f < filters; f++)
                {
                    var gradient = it.OutputGradients[
                        (row * output.Size) + (((f * output.Height) + (line / down)) * output.Width) + (column / across)];
                    var weight = it.Weights[(((c * tall * wide) + k) * filters) + f];
                    inputGradients[i] = MathF.FusedMultiplyAdd(weight, gradient, inputGradients[i]);
                }
            }
        }

        var actual = new float[it.Weights.Length];
        Same(outputs, it.Forward(0, it.Count).Outputs);
        Same(inputGradients, it.Backward(0, it.Count, actual));
        Same(gradients, actual);
    }

    [Fact]
    public void A_product_adds_to_what_is_there_wherever_its_operands_lie()
    {
        var random = new RandomStream(13, "product");
        float[] Normal(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextGaussian())];
        foreach (var columns in new[] { 1, 3, 4, 7, 15, 16, 17, 31, 48, 50, 64, 79, 96, 127, 130 })
        {
            foreach (var height in new[] { 1, 2, 3, 4, 5, 7, 8, 9, 12, 15, 17 })
            {
                var (left, right, sums) = (Normal(200), Normal(600), Normal(height * (columns + 2)));
                int[] rows = [.. Enumerable.Range(0, height).Select(m => m * 7)];
                Step[] steps = [.. Enumerable.Range(0, 300).Select(k => new Step(k % 40, k * 31 % 450))];
                float[] expected = [.. sums];
                for (var i = 0; i < height * columns; i++)
                {
                    var at = (i / columns * (columns + 2)) + (i % columns);
                    foreach (var (l, r) in steps)
                    {
                        expected[at] = MathF.FusedMultiplyAdd(left[rows[i / columns] + l], right[r + (i % columns)], expected[at]);
                    }
                }

                Product.Add(left, rows, steps, right, sums, columns + 2, columns);
                Same(expected, sums);
            }
        }
    }

    [Fact]
    public void A_product_of_many_rows_reads_lines_that_lie_far_apart()
    {
        var random = new RandomStream(14, "product");
        float[] Normal(int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.NextGaussian())];
        var (left, right) = (Normal(700), Normal(200 * 300));
        int[] rows = [.. Enumerable.Range(0, 67).Select(m => m * 7)];
        Step[] steps = [.. Enumerable.Range(0, 200).Select(k => new Step(k, k * 300))];
        foreach (var columns in new[] { 48, 64, 79, 130 })
        {
            var sums = Normal(rows.Length * columns);
            float[] expected = [.. sums];
            for (var i = 0; i < expected.Length; i++)
            {
                foreach (var (l, r) in steps)
                {
                    expected[i] = MathF.FusedMultiplyAdd(left[rows[i / columns] + l], right[r + (i % columns)], expected[i]);
                }
            }

            Product.Add(left, rows, steps, right, sums, columns, columns);
            Same(expected, sums);
        }
    }

    [Fact]
    public void A_product_beyond_its_operands_is_refused_here()
    {
        Step[] steps = [new(0, 0), new(1, 1)];
        int[] rows = [0, 1];
        void Add(int left, int right, int sums) => Product.Add(new float[left], rows, steps, new float[right], new float[sums], 16, 16);
        Add(3, 17, 32);
        Assert.Throws<ArgumentOutOfRangeException>(() => Add(2, 17, 32));
        Assert.Throws<ArgumentOutOfRangeException>(() => Add(3, 16, 32));
        Assert.Throws<ArgumentOutOfRangeException>(() => Add(3, 17, 31));
    }

    [Fact]
    public void A_turned_matrix_has_every_value_in_its_place()
    {
        foreach (var (rows, columns) in new[] { (1, 1), (3, 5), (4, 4), (8, 12), (17, 6), (32, 33) })
        {
            float[] from = [.. Enumerable.Range(0, rows * (columns + 1)).Select(i => (float)i)];
            var to = new float[rows * columns];
            Transposed.Copy(from, rows, columns, columns + 1, to);
            for (var i = 0; i < to.Length; i++) { Assert.Equal(from[(i % rows * (columns + 1)) + (i / rows)], to[i]); }
        }
    }

    [Fact]
    public void Same_padding_gives_as_many_outputs_as_the_stride_divides()
    {
        Assert.Equal(new Shape(4, 28, 28), new Conv2d(4, 5, 1, Padding.Same).Plan(new(1, 28, 28)).Output);
        Assert.Equal(new Shape(4, 14, 10), new Conv2d(4, 5, 2, Padding.Same).Plan(new(1, 28, 19)).Output);
        Assert.Equal(new Shape(4, 24, 15), new Conv2d(4, 5).Plan(new(1, 28, 19)).Output);
        Assert.Equal(new Shape(4, 43), new Conv1d(4, 7, 3, Padding.Same).Plan(new(2, 128)).Output);
    }
}

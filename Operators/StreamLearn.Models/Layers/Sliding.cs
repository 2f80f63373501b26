namespace StreamLearn.Models;

internal readonly record struct Sliding
{
    internal Sliding(Shape input, int kernelHeight, int kernelWidth, int strideDown, int strideAcross, int padding)
    {
        LayerPlan.Check(input);
        ArgumentOutOfRangeException.ThrowIfLessThan(padding, Models.Padding.Same);
        (Input, KernelHeight, KernelWidth, StrideDown, StrideAcross) = (input, kernelHeight, kernelWidth, strideDown, strideAcross);
        (Top, PaddedHeight, Height) = Line(input.Height, kernelHeight, strideDown, padding);
        (Left, PaddedWidth, Width) = Line(input.Width, kernelWidth, strideAcross, padding);
    }

    private Sliding(Shape input, Sliding at)
    {
        (Input, KernelHeight, KernelWidth, StrideDown, StrideAcross) = (input, at.KernelHeight, at.KernelWidth, 1, 1);
        (Top, Left) = (at.KernelHeight - 1 - at.Top, at.KernelWidth - 1 - at.Left);
        (Height, Width) = (at.Input.Height, at.Input.Width);
        (PaddedHeight, PaddedWidth) = (Height + KernelHeight - 1, Width + KernelWidth - 1);
    }

    internal Shape Input { get; private init; }

    internal int KernelHeight { get; private init; }

    internal int KernelWidth { get; private init; }

    internal int StrideDown { get; private init; }

    internal int StrideAcross { get; private init; }

    /// <summary>Zeros above.</summary>
    internal int Top { get; private init; }

    /// <summary>Zeros on the left.</summary>
    internal int Left { get; private init; }

    internal int PaddedHeight { get; private init; }

    internal int PaddedWidth { get; private init; }

    internal int Height { get; private init; }

    internal int Width { get; private init; }

    /// <summary>Returns a stride-1 window over the outputs that covers every input position.</summary>
    internal Sliding Mirrored(int channels) => new(new(channels, Height, Width), this);

    /// <summary>The window on the part of the input that some outputs need; the padding at the end follows from the last output.</summary>
    internal Sliding Cut(Shape input, bool across, int before, int outputs) => across
        ? this with { Input = input, Left = before, PaddedWidth = ((outputs - 1) * StrideAcross) + KernelWidth, Width = outputs }
        : this with { Input = input, Top = before, PaddedHeight = ((outputs - 1) * StrideDown) + KernelHeight, Height = outputs };

    private static (int Before, int Padded, int Places) Line(int length, int kernel, int stride, int padding)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(kernel, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(padding, kernel == 1 ? int.MaxValue : kernel);
        var (before, padded) = (kernel == 1 ? 0 : padding, checked(length + (kernel == 1 ? 0 : 2 * padding)));
        if (padding == Models.Padding.Same)
        {
            var whole = ((length - 1) / stride * stride) + kernel;
            (before, padded) = (Math.Max(0, whole - length) / 2, Math.Max(whole, length));
        }

        return padded >= kernel
            ? (before, padded, ((padded - kernel) / stride) + 1)
            : throw new ArgumentException($"expected at least {kernel} samples with padding, got {padded}");
    }
}

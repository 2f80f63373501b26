namespace StreamLearn.Models;

/// <summary>A window that slides over the lines and columns of every channel: where it stands, and how many zeros lie around.</summary>
internal readonly record struct Sliding
{
    /// <summary>Throws unless the window fits the input.</summary>
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

    private Sliding(Sliding at, Shape input, bool across, int before, int outputs)
    {
        this = at;
        Input = input;
        if (across) { (Left, PaddedWidth, Width) = (before, ((outputs - 1) * StrideAcross) + KernelWidth, outputs); }
        else { (Top, PaddedHeight, Height) = (before, ((outputs - 1) * StrideDown) + KernelHeight, outputs); }
    }

    internal Shape Input { get; }

    internal int KernelHeight { get; }

    internal int KernelWidth { get; }

    internal int StrideDown { get; }

    internal int StrideAcross { get; }

    /// <summary>Zeros above the first line.</summary>
    internal int Top { get; }

    /// <summary>Zeros before the first column.</summary>
    internal int Left { get; }

    internal int PaddedHeight { get; }

    internal int PaddedWidth { get; }

    /// <summary>Lines of the result.</summary>
    internal int Height { get; }

    /// <summary>Columns of the result.</summary>
    internal int Width { get; }

    /// <summary>The same window without a stride over the results, of so many channels, so that it stands on every place of the
    /// input.</summary>
    internal Sliding Mirrored(int channels) => new(new(channels, Height, Width), this);

    /// <summary>The same window on those lines of the input, or columns of it, that some outputs need: so many zeros lie before them, and
    /// after them as many as the last output has.</summary>
    internal Sliding Cut(Shape input, bool across, int before, int outputs) => new(this, input, across, before, outputs);

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

using System.Runtime.InteropServices;

namespace StreamLearn.Models;

/// <summary>Computes half of a layer's outputs while the caller computes the other half; no sum is split, so bits stay the same.</summary>
/// <remarks>Layers split by rows; weight gradients of dense layers and convolutions by rows of weights.</remarks>
internal sealed class SecondThread : IDisposable
{
    /// <summary>Multiply-adds below which sharing does not pay.</summary>
    internal const long MinWork = 100_000;

    private const int Spins = 2_000;

    private readonly ManualResetEventSlim _handed = new(false, Spins);
    private readonly ManualResetEventSlim _done = new(false, Spins);
    private readonly Thread _thread;
    private LayerWork _work;
    private Memory<float> _scratch;
    private Exception? _failure;
    private bool _ends;

    public SecondThread()
    {
        _thread = new(Run) { IsBackground = true, Name = "streamlearn-second" };
        _thread.Start();
    }

    internal long ReservedBytes => 4L * _scratch.Length;

    public void Dispose()
    {
        if (_ends) { return; }
        _ends = true;
        _handed.Set();
        _thread.Join();
        _handed.Dispose();
        _done.Dispose();
    }

    internal void Trim() => _scratch = default;

    /// <summary>The halves write different values.</summary>
    internal unsafe void Share(Layer layer, LayerPlan plan, LayerPass pass, in LayerCall call)
    {
        var scratch = plan.Scratch(call.Rows);
        if (_scratch.Length < scratch && !plan.NeedsBatchStatistics) { _scratch = Aligned.Values(scratch); }
        fixed (float* weights = call.Weights, inputs = call.Inputs, outputs = call.Outputs, outputGradients = call.OutputGradients)
        fixed (float* inputGradients = call.InputGradients, gradients = call.Gradients, moved = call.FusedUpdate.Weights)
        fixed (float* velocity = call.FusedUpdate.Velocity, tape = call.Tape, both = call.Scratch)
        {
            _work = new()
            {
                Layer = layer,
                Pass = pass,
                Input = call.Input,
                Rows = call.Rows,
                FirstRow = call.FirstRow,
                Training = call.Training,
                Weights = new(weights, call.Weights.Length),
                Inputs = new(inputs, call.Inputs.Length),
                Outputs = new(outputs, call.Outputs.Length),
                OutputGradients = new(outputGradients, call.OutputGradients.Length),
                InputGradients = new(inputGradients, call.InputGradients.Length),
                Gradients = new(gradients, call.Gradients.Length),
                Tape = new(tape, call.Tape.Length),
                Both = new(both, plan.NeedsBatchStatistics ? call.Scratch.Length : 0),
                Moved = new(moved, call.FusedUpdate.Weights.Length),
                Velocity = new(velocity, call.FusedUpdate.Velocity.Length),
                Rate = call.FusedUpdate.Rate,
                Momentum = call.FusedUpdate.Momentum,
            };
            _failure = null;        // the caller's own exception takes precedence
            _handed.Set();
            try
            {
                Compute(_work, 1, call.Scratch);
            }
            finally
            {
                _done.Wait();
                _done.Reset();
            }
        }

        if (_failure is not { } failure) { return; }
        _failure = null;
        throw failure;
    }

    private static void Compute(in LayerWork work, int half, Span<float> scratch)
    {
        LayerCall call = new()
        {
            Input = work.Input,
            Rows = work.Rows,
            FirstRow = work.FirstRow,
            Training = work.Training,
            Weights = work.Weights.Span,
            Inputs = work.Inputs.Span,
            Outputs = work.Outputs.Span,
            OutputGradients = work.OutputGradients.Span,
            InputGradients = work.InputGradients.Span,
            Gradients = work.Gradients.Span,
            Tape = work.Tape.Span,
            FusedUpdate = new()
            {
                Weights = work.Moved.Span,
                Velocity = work.Velocity.Span,
                Rate = work.Rate,
                Momentum = work.Momentum,
            },
            Half = half,
            Scratch = work.Both.Span.IsEmpty ? scratch : work.Both.Span,
        };
        work.Layer.Run(work.Pass, call);
    }

    private void Run()
    {
        while (true)
        {
            _handed.Wait();
            _handed.Reset();
            if (_ends) { return; }
            try
            {
                Compute(_work, 2, _scratch.Span);
            }
            catch (ArgumentException failure)       // of the layer; the caller rethrows it
            {
                _failure = failure;
            }

            _done.Set();
        }
    }

    /// <summary>Values pinned while both threads work.</summary>
    private readonly unsafe struct Values(float* at, int length)
    {
        internal Span<float> Span => MemoryMarshal.CreateSpan(ref *at, length);
    }

    private struct LayerWork
    {
        internal required Layer Layer { get; init; }

        internal required LayerPass Pass { get; init; }

        internal required Shape Input { get; init; }

        internal required int Rows { get; init; }

        internal required int FirstRow { get; init; }

        internal required bool Training { get; init; }

        internal required Values Weights { get; init; }

        internal required Values Inputs { get; init; }

        internal required Values Outputs { get; init; }

        internal required Values OutputGradients { get; init; }

        internal required Values InputGradients { get; init; }

        internal required Values Gradients { get; init; }

        internal required Values Tape { get; init; }

        /// <summary>Shared scratch of layers with batch statistics; empty: separate.</summary>
        internal required Values Both { get; init; }

        internal required Values Moved { get; init; }

        internal required Values Velocity { get; init; }

        internal required float Rate { get; init; }

        internal required float Momentum { get; init; }
    }
}

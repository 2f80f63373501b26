using System.Runtime.CompilerServices;

namespace StreamLearn.Models;

/// <summary>Computes half of a layer's outputs while the caller computes the other. No sum is split, so the bits are the same.</summary>
/// <remarks>Most layers are split by rows, but weight gradients of dense layers and convolutions by rows of weights.</remarks>
internal sealed class SecondThread : IDisposable
{
    /// <summary>Multiply-adds below which sharing is not worthwhile.</summary>
    internal const long MinWork = 100_000;

    private const int Spins = 2_000;

    private readonly ManualResetEventSlim _handed = new(false, Spins);
    private readonly ManualResetEventSlim _done = new(false, Spins);
    private readonly Thread _thread;
    private Layer? _layer;
    private LayerPass _pass;
    private bool _sharesScratch;        // of layers with batch statistics
    private unsafe void* _call;         // on the stack of the caller, which waits and so keeps its spans alive
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
        (_layer, _pass, _sharesScratch) = (layer, pass, plan.NeedsBatchStatistics && !call.Scratch.IsEmpty);
        if (_scratch.Length < scratch && !plan.NeedsBatchStatistics) { _scratch = Aligned.Values(scratch); }
        _call = Unsafe.AsPointer(ref Unsafe.AsRef(in call));
        _failure = null;        // the caller's own exception takes precedence
        _handed.Set();
        try { Compute(1, call.Scratch); }
        finally
        {
            _done.Wait();
            _done.Reset();
        }

        if (_failure is not { } failure) { return; }
        _failure = null;
        throw failure;
    }

    private unsafe void Compute(int half, Span<float> scratch)
    {
        ref var call = ref Unsafe.AsRef<LayerCall>(_call);
        _layer!.Run(_pass, call with { Half = half, Second = null, Scratch = _sharesScratch ? call.Scratch : scratch });
    }

    private void Run()
    {
        while (true)
        {
            _handed.Wait();
            _handed.Reset();
            if (_ends) { return; }
            try { Compute(2, _scratch.Span); }
            catch (ArgumentException failure)       // from the layer; the caller rethrows it
            {
                _failure = failure;
            }

            _done.Set();
        }
    }
}

namespace Chat.Actors.Delivery;

/// <summary>A queue in one array, which holds nothing while it is empty, and from whose end items can be taken out.</summary>
internal sealed class ItemQueue<T>
{
    private const int LeastCapacity = 4;

    private T[] _items = [];
    private int _first;

    public int Count { get; private set; }

    /// <summary>The item at a place, 0 for the first.</summary>
    public ref T this[int index] => ref _items[(_first + index) & (_items.Length - 1)];

    public void Enqueue(T item)
    {
        if (Count == _items.Length)
            Grow();
        this[Count++] = item;
    }

    public void EnqueueFirst(T item)
    {
        if (Count == _items.Length)
            Grow();
        _first = (_first - 1) & (_items.Length - 1);
        Count++;
        this[0] = item;
    }

    public T Dequeue()
    {
        var item = this[0];
        this[0] = default!;
        _first = (_first + 1) & (_items.Length - 1);
        if (--Count == 0)
            Clear();
        return item;
    }

    /// <summary>Takes out, from the last to the first, what <paramref name="isTaken"/> says; the others keep their order.</summary>
    public void RemoveFromEnd(Predicate<T> isTaken)
    {
        var kept = Count;
        for (var i = Count - 1; i >= 0; i--)
        {
            if (!isTaken(this[i]))
                this[--kept] = this[i];
        }
        for (var i = 0; i < kept; i++)
            this[i] = default!;
        if (kept == Count)
        {
            Clear();
            return;
        }
        (_first, Count) = ((_first + kept) & (_items.Length - 1), Count - kept);
    }

    public void Clear() => (_items, _first, Count) = ([], 0, 0);

    private void Grow()
    {
        var larger = new T[Math.Max(LeastCapacity, _items.Length * 2)];
        for (var i = 0; i < Count; i++)
            larger[i] = this[i];
        (_items, _first) = (larger, 0);
    }
}

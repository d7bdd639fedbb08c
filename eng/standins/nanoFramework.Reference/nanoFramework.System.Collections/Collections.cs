namespace System.Collections;

public interface IDictionary : ICollection
{
    object? this[object key] { get; set; }
    ICollection Keys { get; }
    ICollection Values { get; }
    void Add(object key, object? value);
    void Clear();
    bool Contains(object key);
    void Remove(object key);
}

public class Hashtable : IDictionary
{
    public int Count => throw null!;
    public bool IsSynchronized => throw null!;
    public object SyncRoot => throw null!;
    public ICollection Keys => throw null!;
    public ICollection Values => throw null!;
    public object? this[object key] { get => throw null!; set => throw null!; }
    public void Add(object key, object? value) => throw null!;
    public void Clear() => throw null!;
    public bool Contains(object key) => throw null!;
    public void CopyTo(Array array, int index) => throw null!;
    public IEnumerator GetEnumerator() => throw null!;
    public void Remove(object key) => throw null!;
}

public class Queue : ICollection
{
    public virtual int Count => throw null!;
    public virtual bool IsSynchronized => throw null!;
    public virtual object SyncRoot => throw null!;
    public virtual void Clear() => throw null!;
    public virtual void CopyTo(Array array, int index) => throw null!;
    public virtual object? Dequeue() => throw null!;
    public virtual void Enqueue(object? obj) => throw null!;
    public virtual IEnumerator GetEnumerator() => throw null!;
    public virtual object? Peek() => throw null!;
}

public class Stack : ICollection
{
    public virtual int Count => throw null!;
    public virtual bool IsSynchronized => throw null!;
    public virtual object SyncRoot => throw null!;
    public virtual void Clear() => throw null!;
    public virtual void CopyTo(Array array, int index) => throw null!;
    public virtual IEnumerator GetEnumerator() => throw null!;
    public virtual object? Peek() => throw null!;
    public virtual object? Pop() => throw null!;
    public virtual void Push(object? obj) => throw null!;
}
